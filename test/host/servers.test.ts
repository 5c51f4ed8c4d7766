import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretPath } from '../../lib/manifest';
import { bulkhead, root } from '../cli/command';
import { describeHost, inventory, lab } from './host';
import { synthesizeExample } from './synthesize-examples';

jest.setTimeout(120_000);

/** A shell command that stores something in a server, one that reads it, and what that prints. */
interface Client {
  readonly store?: string;
  readonly read: string;
  readonly answer: RegExp;
}

const PASSWORD = secretPath('my-postgresql/my-postgresql-password');
const notes = (port: number): Client => ({
  store: `curl --silent --show-error --fail --data kept http://localhost:${port}/`,
  read: `curl --silent --show-error --fail http://localhost:${port}/`,
  answer: /^kept\n$/,
});

const POSTGRESQL: Client = {
  store:
    'setpriv --reuid=postgres --clear-groups psql -qh /run/my-postgresql -p 3610 -c "CREATE TABLE t AS SELECT \'kept\'"',
  read: `PGPASSWORD=$(cat ${PASSWORD}) psql -XAtw -h 127.0.0.1 -p 3610 -U postgres -c 'TABLE t'`,
  answer: /^kept\n$/,
};

const NGINX: Client = {
  read: 'curl --silent --show-error --fail http://localhost:3630/',
  answer: /Welcome to nginx/,
};

const CLIENTS: Readonly<Record<string, Client>> = {
  'my-postgresql': POSTGRESQL,
  'my-redis': { store: 'redis-cli -p 3620 SET word kept', read: 'redis-cli -p 3620 GET word', answer: /^kept\n$/ },
  'my-nginx': NGINX,
  // Its authority is what it keeps: clients that trust it go on to do so. Node answers behind it.
  'my-caddy': {
    store: 'cp /var/lib/my-caddy/.local/share/caddy/pki/authorities/local/root.crt /run/my-caddy.crt',
    read: 'curl --silent --show-error --output /dev/null --write-out "%{http_code}" --cacert /run/my-caddy.crt https://localhost:3640/',
    answer: /^200$/,
  },
  'my-node': notes(3650),
  'my-gunicorn': notes(3660),
};
const SERVERS = [...Object.keys(CLIENTS), 'my-rsyslog'];

/** The units of the packages, where a package has one. */
const OF_DEBIAN: Readonly<Record<string, string>> = {
  'my-postgresql': 'postgresql@17-main',
  'my-redis': 'redis-server',
  'my-nginx': 'nginx',
  'my-caddy': 'caddy',
  'my-rsyslog': 'rsyslog',
};

/** The scores in the table of the cookbook: of the service, and of Debian's unit. */
function table(): Record<string, readonly string[]> {
  const text = readFileSync(join(root, 'examples', 'README.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(my-\w+)` \|.*\| ([\d.]+) \| ([\d.]*) ?\|$/gm)];
  return Object.fromEntries(rows.map(([, name = '', ...scores]) => [name, scores]));
}

/** The score that systemd-analyze(1) gives a unit; nothing for none. */
async function scoreOf(unit: string | undefined): Promise<string> {
  if (unit === undefined) return '';
  const printed = await lab.sh('systemd-analyze security --no-pager "$1.service"', unit);
  return /^→ Overall exposure level for \S+: ([\d.]+)/m.exec(printed)?.[1] ?? printed;
}

describeHost('the servers of the example', () => {
  let before: string;
  let bundle: string;
  const run = (...args: string[]) => bulkhead([...args, '--bundle', bundle]);

  beforeAll(async () => {
    await lab.sh(
      'systemd-run --quiet --collect --unit=collector socat -u TCP-LISTEN:3670,fork,reuseaddr OPEN:/run/collected,creat,append',
    );
    before = await inventory();
    bundle = synthesizeExample('servers');
    expect(await run('apply', '--auto-approve')).toMatchObject({ stderr: '', code: 0 });
  });
  afterAll(async () => {
    await lab.sh(
      'systemctl stop collector; rm -rf /run/collected /run/my-caddy.crt /var/lib/my-* /var/lib/private/my-*',
    );
  });

  const answers = async ({ read, answer }: Client) => expect(await lab.sh(read)).toMatch(answer);

  test.each(Object.entries(CLIENTS))('%s answers', async (_, client) => {
    if (client.store) await lab.sh(client.store);
    await answers(client);
  });

  test('my-nginx reloads without a restart', async () => {
    const process = () => lab.sh('systemctl show -P MainPID my-nginx');
    const first = await process();
    await lab.sh('systemctl reload my-nginx');
    await answers(NGINX);
    expect(await process()).toBe(first);
  });

  test('my-rsyslog sends each message of the journal once, also those from while it was stopped', async () => {
    const sent = (word: string) =>
      lab.sh('for try in $(seq 100); do ! grep "$1" /run/collected || exit 0; sleep 0.1; done', word);
    // The first start sends all of the journal, in which an earlier run of this test may have left its messages.
    const [first, second] = ['first', 'second'].map((word) => `${word}-${randomUUID()}`) as [string, string];
    await lab.sh('logger "$1"', first);
    expect(await sent(first)).toMatch(/^<13>1 .*\n$/);
    await lab.sh('systemctl stop my-rsyslog; logger "$1"; systemctl start my-rsyslog', second);
    expect(await sent(second)).toMatch(/^<13>1 .*\n$/);
    expect(await sent(first)).toMatch(/^<13>1 .*\n$/);
  });

  describe('after a restart', () => {
    beforeAll(() => lab.sh('systemctl restart "$@"', ...SERVERS));

    test.each(Object.entries(CLIENTS))('%s has its data', (_, client) => answers(client));
  });

  test('my-postgresql has its data when its password is another one', async () => {
    const password = await lab.sh(`cat ${PASSWORD}`);
    await lab.sh('rm /var/lib/bulkhead-secrets/generated/my-postgresql-password.servers');
    expect(await run('apply', '--auto-approve')).toMatchObject({ stderr: '', code: 0 });
    expect(await lab.sh(`cat ${PASSWORD}`)).not.toBe(password);
    await answers(POSTGRESQL);
  });

  test.each(SERVERS)('%s has the scores of the table', async (name) => {
    const scores = [await scoreOf(name), await scoreOf(OF_DEBIAN[name])];
    expect(table()[name]).toEqual(scores);
    expect(Number(scores[0])).toBeLessThanOrEqual(2.5);
  });

  test('match', async () => {
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  test('leave only their data behind', async () => {
    expect(await run('destroy', '--auto-approve')).toMatchObject({ stderr: '', code: 0 });
    expect(await inventory()).toBe(before);
    await lab.sh('test -s /var/lib/my-postgresql/data/PG_VERSION');
  });
});

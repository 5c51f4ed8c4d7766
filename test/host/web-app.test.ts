import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bulkhead, directory, main, root } from '../cli/command';
import { describeHost, inventory, lab } from './host';
import { synthesizeExample } from './synthesize-examples';

jest.setTimeout(600_000);

/** The examples, with where each one serves, where its dumps are, and how its data is deleted. */
const APPS = [
  {
    name: 'web-app',
    prefix: 'guestbook',
    port: '8500',
    dumps: 'echo /var/lib/guestbook-backups',
    deletion: 'rm -r /var/lib/guestbook-db /var/lib/guestbook-backups',
  },
  {
    name: 'web-app-podman',
    prefix: 'podbook',
    port: '8501',
    dumps: "podman volume inspect --format '{{.Mountpoint}}' podbook-backups",
    deletion: 'podman volume rm podbook-data podbook-backups',
  },
];

/** A copy of the examples, which a test changes as a developer does. */
function checkout(): string {
  const examples = directory({});
  for (const { name } of APPS) cpSync(join(root, 'examples', name), join(examples, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(examples, 'node_modules'));
  return examples;
}

describeHost('a web application', () => {
  describe.each(APPS)('as $name', ({ name, prefix, port, dumps, deletion }) => {
    const examples = checkout();
    const file = (path: string) => join(examples, 'web-app', path);
    const edit = (path: string, from: string, to: string) =>
      writeFileSync(file(path), readFileSync(file(path), 'utf8').replaceAll(from, to));
    let before: string;
    let bundle: string;
    beforeAll(async () => {
      before = await inventory();
    });

    const on = (command: string, ...args: readonly string[]) => bulkhead([command, '--bundle', bundle, ...args]);
    const plan = () => on('plan', '--detailed-exitcode');
    const apply = () => {
      bundle = synthesizeExample(name, examples);
      return on('apply', '--auto-approve');
    };
    const page = () => lab.sh('curl -sSf "http://localhost:$1/"', port);
    const sign = (entry: string) => lab.sh('curl -sSf --data-urlencode "text=$2" "http://localhost:$1/"', port, entry);
    const invocation = (service: string) => lab.sh('systemctl show -P InvocationID "$1"', `${prefix}-${service}`);

    /** Runs a program of PostgreSQL where the database runs. */
    async function postgres(argv: readonly string[], input: Uint8Array = Buffer.of()): Promise<string> {
      const child = spawn(process.execPath, [main, 'exec', '--bundle', bundle, `${prefix}-db`, '--', ...argv]);
      child.stdin.end(input);
      const closed = once(child, 'close');
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
      if (code !== 0) throw new Error(`exit code ${code} of: ${argv.join(' ')}\n${stderr}`);
      return stdout;
    }
    const query = (sql: string, database = 'guestbook') => postgres(['psql', '-At', '-c', sql, database]);

    test('is deployed, and keeps what a visitor writes', async () => {
      expect(await apply()).toMatchObject({ stderr: '', code: 0 });
      expect(await plan()).toMatchObject({ code: 0 });
      await sign('Hello & good <morning>');
      expect(await page()).toContain('<li>Hello &amp; good &lt;morning&gt;</li>');
      expect(await page()).toContain('<p>2 views</p>');
    });

    test('stays in its old version if a migration fails', async () => {
      const running = await invocation('app');
      edit('app/guestbook.py', '<h1>Guestbook</h1>', '<h1>Visitors</h1>');
      writeFileSync(file('app/migrations/0002-signer.sql'), 'ALTER TABLE entries ADD COLUMN signer text;\n');
      const { stderr, code } = await apply();
      expect(stderr).toContain('relation "entries" does not exist');
      expect(code).toBe(1);
      expect(await invocation('app')).toBe(running);
      // Nor does a restart bring a half of the new version.
      await lab.sh('systemctl restart "$1"', `${prefix}-app`);
      await sign('Still here?');
      expect(await page()).toContain('<h1>Guestbook</h1>');
      expect(await page()).toContain('<li>Still here?</li>');
      expect(await plan()).toMatchObject({ code: 2 });
    });

    test('is deployed in its new version once the migration has run', async () => {
      edit('app/migrations/0002-signer.sql', 'entries', 'entry');
      expect(await apply()).toMatchObject({ stderr: '', code: 0 });
      expect(await plan()).toMatchObject({ code: 0 });
      expect(await page()).toContain('<h1>Visitors</h1>');
      expect(await page()).toContain('<li>Still here?</li>');
      expect(await query('SELECT name FROM migration ORDER BY name')).toBe('0001-entries\n0002-signer\n');
    });

    test('has a backup that can be restored', async () => {
      await lab.sh('systemctl start "$1"', `${prefix}-backup`);
      const { stdout } = await lab.run(['sh', '-euc', `cat "$(${dumps})"/*.dump`]);
      await postgres(['createdb', 'restored']);
      await postgres(['pg_restore', '--exit-on-error', '--dbname=restored'], stdout);
      expect(await query('SELECT text FROM entry ORDER BY id', 'restored')).toBe(
        await query('SELECT text FROM entry ORDER BY id'),
      );
    });

    test('has a new config of nginx without a restart, and keeps the old config if the new one is wrong', async () => {
      const running = await invocation('web');
      edit('nginx.conf', 'listen 80;', 'listen 80; add_header Edition second;');
      expect(await apply()).toMatchObject({ stderr: '', code: 0 });
      expect(await lab.sh('curl -sSf -D - "http://localhost:$1/"', port)).toContain('Edition: second');
      const correct = readFileSync(file('nginx.conf'), 'utf8');
      appendFileSync(file('nginx.conf'), 'no_such_directive;\n');
      const { stderr, code } = await apply();
      expect(stderr).toContain('unknown directive "no_such_directive"');
      expect(code).toBe(1);
      expect(await page()).toContain('<li>Still here?</li>');
      expect(await invocation('web')).toBe(running);
      writeFileSync(file('nginx.conf'), correct);
    });

    test('gets another password when the old one is deleted', async () => {
      const generated = `/var/lib/bulkhead-secrets/generated/database-password.${name}`;
      const old = await lab.sh('cat "$1"; rm "$1"', generated);
      expect(await apply()).toMatchObject({ stderr: '', code: 0 });
      expect(await lab.sh('cat "$1"', generated)).not.toBe(old);
      expect(await page()).toContain('<li>Still here?</li>');
      expect(await plan()).toMatchObject({ code: 0 });
    });

    test('leaves nothing but its data when it is destroyed', async () => {
      expect(await on('destroy', '--auto-approve')).toMatchObject({ stderr: '', code: 0 });
      await lab.sh(deletion);
      expect(await inventory()).toBe(before);
    });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { type Host, Image, PodmanNetwork, PodmanService, PodmanVolume, User } from 'bulkhead';
import { bulkhead } from '../cli/command';
import { describeHost, inventory, lab } from './host';
import { type Build, describeTerraformOnHost, practiceHost, Stack } from './stack';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

const NUMBERS = Array.from({ length: 20 }, (_, index) => String(index + 1).padStart(2, '0'));

/** The practice host may be one with control groups v1, where users have none of their own. */
const rootlessProps = (rootless: User) => ({
  rootless,
  image: Image.ociArchive(images().ociArchive),
  stopTimeout: '1s' as const,
  directives: { Container: { CgroupsMode: 'disabled' as const } },
});

/** Runs a shell script as a user that nobody logs in as. */
const as = (user: string, script: string, ...args: readonly string[]) =>
  lab.sh(
    `user=$1 script=$2; shift 2; cd /
    exec setpriv --reuid="$user" --regid="$user" --init-groups --reset-env \\
      env XDG_RUNTIME_DIR="/run/user/$(id -u "$user")" sh -euc "$script" sh "$@"`,
    user,
    script,
    ...args,
  );

/** What the user's systemd says of a unit, for every user and its service. */
const ofEach = async (property: string) => {
  const values = NUMBERS.map((n) => as(`rl-u${n}`, 'systemctl --user show -P "$2" "$1"', `rl-s${n}.service`, property));
  return (await Promise.all(values)).map((value) => value.trim());
};

/** A unit that had to be killed counts as failed. */
const stopped = (n: string) => expect.stringMatching(`^start rl-s${n}.service: (is inactive|has failed)`);

interface Range {
  readonly user: string;
  readonly first: number;
  readonly last: number;
}

async function ranges(file: string): Promise<Range[]> {
  const lines = (await lab.sh('cat "$1"', file)).trim().split('\n');
  return lines.map((line) => {
    const [user = '', first, count] = line.split(':');
    return { user, first: Number(first), last: Number(first) + Number(count) - 1 };
  });
}

/** All that users leave behind, beside what every service may. */
const traces = async () =>
  `${await inventory()}${await lab.sh(`
    cat /etc/subuid /etc/subgid; getent group; ls -A /home /run/user /var/lib/systemd/linger /dev/shm
    ps -eo user:32=,comm= | sed -n '/^rl-/p'`)}`;

describeHost('20 rootless services of 20 users', () => {
  let deployment: Deployment;
  let before: string;
  const build = (host: Host) => {
    for (const n of NUMBERS) {
      const user = new User(host, `rl-u${n}`);
      new PodmanService(host, `rl-s${n}`, {
        ...rootlessProps(user),
        ports: [{ ip: '127.0.0.1', host: 8200 + Number(n), container: 80 }],
      });
    }
  };

  beforeAll(async () => {
    // A range in the way of those to come.
    await lab.sh('useradd --system rl-foreign && usermod --add-subuids 165000-165999 rl-foreign');
    before = await traces();
    deployment = new Deployment('rootless-test', build);
    const { stderr, code } = await bulkhead(['apply', '--auto-approve', '--bundle', deployment.directory]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh('userdel rl-foreign');
  });

  const pages = () => lab.sh('for n; do curl -fsS --retry 9 --retry-all-errors "127.0.0.1:82$n"; done', ...NUMBERS);

  test('each run as a user of their own, and two further plans are empty', async () => {
    expect(await ofEach('ActiveState')).toEqual(NUMBERS.map(() => 'active'));
    expect((await pages()).match(/It works/g)).toHaveLength(20);
    const owners = await lab.sh('ps -eo user:32=,args= | sed -n "s/ .*http[d] -f -p 80.*//p" | sort -u');
    expect(owners.trim().split('\n')).toHaveLength(20);
    expect(owners).not.toContain('root');
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  test.each(['/etc/subuid', '/etc/subgid'])('have ranges in %s that nobody else has', async (file) => {
    const all = await ranges(file);
    const ours = all.filter(({ user }) => /^rl-u/.test(user));
    expect(ours.map(({ first, last }) => last - first)).toEqual(NUMBERS.map(() => 65535));
    const overlaps = ours.flatMap((range) =>
      all.filter((other) => other !== range && other.first <= range.last && range.first <= other.last),
    );
    expect(overlaps).toEqual([]);
    const ofMachines = ours.filter(({ first, last }) => last >= 0x80000 && first <= 0x6fffffff);
    expect(ofMachines).toEqual([]);
  });

  test('are up after a restart of the host while nobody is logged in, with nothing to do', async () => {
    await practiceHost.restart();
    for (const deadline = Date.now() + 120_000; ; await sleep(500)) {
      const states = await ofEach('ActiveState').catch(() => ['no systemd yet']);
      if (states.every((state) => state === 'active')) break;
      if (Date.now() > deadline) throw new Error(`Waited in vain until all are active: ${states}`);
    }
    expect(await lab.sh(`loginctl list-sessions --no-legend | sed -n '/ manager/d; /rl-/p'`)).toBe('');
    expect(await deployment.differences()).toEqual([]);
    expect((await pages()).match(/It works/g)).toHaveLength(20);
    expect(await deployment.differences()).toEqual([]);
  });

  test('are repaired after changes behind their back, while the others go on', async () => {
    const invocations = await ofEach('InvocationID');
    const file = (n: string) => `/home/rl-u${n}/.config/containers/systemd/rl-s${n}.container`;
    const dropIn = '.config/systemd/user/rl-s03.service.d';
    await as('rl-u01', 'systemctl --user stop rl-s01');
    await as('rl-u02', 'sed -i s/^StopTimeout=1/StopTimeout=2/ "$1"', file('02'));
    await as('rl-u03', `mkdir -p ~/${dropIn} && printf "[Service]\\nNice=7\\n" > ~/${dropIn}/x.conf`);
    await as('rl-u04', 'podman rm -f -t 0 rl-s04; systemctl --user stop rl-s04');
    await lab.sh('chown nobody "$1"', file('05'));
    await lab.sh('loginctl disable-linger rl-u06; systemctl stop "user@$(id -u rl-u06)"');
    await lab.sh('systemctl stop "user@$(id -u rl-u07)"');
    await lab.sh('sed -i /^rl-u08:/d /etc/subuid');
    expect(await deployment.differences()).toEqual([
      stopped('01'),
      `write ${file('02')}: differs in Container.StopTimeout`,
      `restart rl-s02.service: ${file('02')} changes`,
      `remove /home/rl-u03/${dropIn}/x.conf: changes rl-s03.service`,
      `restart rl-s03.service: /home/rl-u03/${dropIn}/x.conf is removed`,
      stopped('04'),
      `write ${file('05')}: owner is nobody:rl-u05, expected rl-u05:rl-u05`,
      'prepare user:rl-u06: does not linger: its services would not start at boot',
      'start rl-s06.service: is inactive',
      'prepare user:rl-u07: has no systemd running',
      'start rl-s07.service: is inactive',
      'prepare user:rl-u08: has no subordinate IDs',
    ]);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
    expect(await lab.sh('stat -c %U:%G "$1"; ls /var/lib/systemd/linger | grep -c rl-', file('05'))).toBe(
      'rl-u05:rl-u05\n20\n',
    );
    const changed = (await ofEach('InvocationID')).flatMap((id, i) =>
      id === invocations[i] ? [] : (NUMBERS[i] ?? ''),
    );
    expect(changed).toEqual(['01', '02', '03', '04', '06', '07']);
  });

  test('are destroyed with their users and nobody else', async () => {
    const { stderr, code } = await bulkhead(['destroy', '--auto-approve', '--bundle', deployment.directory]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(await traces()).toBe(before);
  });
});

describeHost('a user', () => {
  test('that is there already is refused, and adopted where that is asked for, but never removed', async () => {
    await lab.sh('useradd --create-home rl-theirs');
    const before = await lab.sh('getent passwd rl-theirs; ls -lAR /home/rl-theirs');
    const refused = new Deployment('rootless-test', (host) => new User(host, 'rl-theirs'));
    await expect(refused.apply()).rejects.toThrow('the host has a user of that name that Bulkhead did not create');
    const adopted = new Deployment('rootless-test', (host) => {
      new PodmanNetwork(host, 'rl-net', { rootless: new User(host, 'rl-theirs', { adopt: true }) });
    });
    try {
      await adopted.apply();
      expect(await adopted.differences()).toEqual([]);
      await adopted.destroy();
      expect(await lab.sh('getent passwd rl-theirs; ls -lA /home/rl-theirs')).toContain('rl-theirs');
      expect(before).toContain('rl-theirs');
    } finally {
      await adopted.destroy();
      await lab.sh(
        // The process that keeps podman's namespace would belong to whoever has the number next.
        'loginctl disable-linger rl-theirs; systemctl stop "user@$(id -u rl-theirs)"; pkill -KILL -u rl-theirs || :; rm -f "/dev/shm/libpod_rootless_lock_$(id -u rl-theirs)"; userdel -f -r rl-theirs 2>&1',
      );
      for (const deployment of [refused, adopted]) deployment.cleanUp();
    }
  });

  test('that holds a volume which is retained is not removed until the volume is', async () => {
    const deployment = new Deployment('rootless-test', (host) => {
      new PodmanVolume(host, 'rl-data', { rootless: new User(host, 'rl-keeper') });
    });
    try {
      await deployment.apply();
      await expect(deployment.destroy()).rejects.toThrow(/has retained volumes.*: rl-data/);
      expect(await as('rl-keeper', 'podman volume rm rl-data')).toBe('rl-data\n');
    } finally {
      await deployment.destroy();
      deployment.cleanUp();
    }
    expect(await lab.sh('getent passwd rl-keeper || echo none')).toBe('none\n');
  });
});

describeTerraformOnHost('a rootless service in Terraform', () => {
  test('is deployed with its user, replaced when it is to run as root, and destroyed', async () => {
    const before = await traces();
    const stack = new Stack('rootless-tf');
    const build =
      (rootless: boolean): Build =>
      (host) => {
        const user = new User(host, 'rl-tf');
        const { rootless: _, directives, ...asRoot } = rootlessProps(user);
        new PodmanService(host, 'rl-web', rootless ? { rootless: user, directives, ...asRoot } : asRoot);
      };
    try {
      expect(await stack.apply(build(true))).toContain('Resources: 2 added');
      expect(await stack.plan()).toBe('');
      expect(await as('rl-tf', 'systemctl --user is-active rl-web')).toBe('active\n');
      await as('rl-tf', 'systemctl --user stop rl-web');
      expect(await stack.plan()).toMatch(/- "rl-web.service (is inactive|has failed)/);
      expect(await stack.apply(build(false))).toMatch(/- user += "rl-tf" -> null # forces replacement/);
      expect(await stack.plan()).toBe('');
      expect(await lab.sh('systemctl is-active rl-web')).toBe('active\n');
    } finally {
      await stack.destroy();
      stack.cleanUp();
    }
    expect(await traces()).toBe(before);
  });
});

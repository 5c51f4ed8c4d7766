import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import {
  ContainerdService,
  DockerService,
  type Host,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  SystemdService,
  SystemdTimer,
  User,
} from 'bulkhead';
import { TerraformOutput } from 'cdktf';
import type { StatusDocument } from '../../lib/cli/status';
import { bulkhead, main } from '../cli/command';
import { startDocker, stopDocker } from './docker/daemon';
import { ADDRESS, describeHost, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

const WAIT = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.2; done'];

/** Services by what runs them, each with a volume that tells its name, and the user that it runs as. */
const SERVICES: readonly (readonly [name: string, uid: RegExp, create: (host: Host, props: Props) => unknown])[] = [
  ['d-systemd', /^6\d{4}$/, (host, { image: _, ...props }) => new SystemdService(host, 'd-systemd', props)],
  ['d-root', /^0$/, (host, { image: _, ...props }) => new SystemdService(host, 'd-root', { ...props, user: 'root' })],
  ['d-image', /^6\d{4}$/, (host, props) => new SystemdService(host, 'd-image', props)],
  ['d-portable', /^6\d{4}$/, (host, props) => new PortableService(host, 'd-portable', props)],
  ['d-podman', /^33$/, (host, props) => new PodmanService(host, 'd-podman', { ...props, user: '33:33' })],
  [
    'd-rootless',
    /^33$/,
    (host, props) =>
      new PodmanService(host, 'd-rootless', {
        ...{ ...props, user: '33:33', rootless: new User(host, 'd-user') },
        directives: { Container: { CgroupsMode: 'disabled' } },
      }),
  ],
  ['d-docker', /^33$/, (host, props) => new DockerService(host, 'd-docker', { ...props, user: '33:33' })],
  ['d-containerd', /^33$/, (host, props) => new ContainerdService(host, 'd-containerd', { ...props, user: '33:33' })],
  ['d-crun', /^33$/, (host, props) => new OciService(host, 'd-crun', { ...props, user: '33:33' })],
  ['d-runc', /^33$/, (host, props) => new OciService(host, 'd-runc', { ...props, user: '33:33', runtime: 'runc' })],
  ['d-nspawn', /^0$/, (host, props) => new NspawnMachine(host, 'd-nspawn', props)],
  ['d-lxc', /^33$/, (host, props) => new LxcContainer(host, 'd-lxc', { ...props, user: '33:33' })],
  ['d-incus', /^33$/, (host, props) => new IncusInstance(host, 'd-incus', { ...props, user: '33:33' })],
  ['d-lxd', /^33$/, (host, props) => new LxdInstance(host, 'd-lxd', { ...props, user: '33:33' })],
];
const NAMES = SERVICES.map(([name]) => name);

const propsOf = (name: string) =>
  ({
    image: Image.ociArchive(images().ociArchive),
    command: WAIT,
    volumes: [{ source: `/var/lib/d-two/${name}`, target: '/data', readOnly: true }],
    stopTimeout: '5s',
  }) as const;
type Props = ReturnType<typeof propsOf>;

describeHost('services on day two', () => {
  let deployment: Deployment;
  const on = (command: string, ...args: readonly string[]) =>
    bulkhead([command, '--bundle', deployment.directory, ...args]);
  const invocations = async (...names: readonly string[]) =>
    (await lab.sh('for name; do systemctl show -P InvocationID "$name"; done', ...names)).trim().split('\n');

  /** Runs words in a service, with some input. */
  const exec = async (name: string, input: string, ...words: readonly string[]) => {
    const child = spawn(process.execPath, [main, 'exec', '--bundle', deployment.directory, name, '--', ...words]);
    child.stdin.end(input);
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    // What podman says of the practice host.
    return { stdout, stderr: stderr.replace(/^time=.*cgroups-v1.*\n/gm, ''), code };
  };

  beforeAll(async () => {
    await startDocker();
    await lab.sh(
      'for name; do mkdir -p "/var/lib/d-two/$name"; echo "$name" > "/var/lib/d-two/$name/name"; done',
      ...NAMES,
    );
    deployment = new Deployment('day-two', (host) => {
      for (const [name, , create] of SERVICES) create(host, propsOf(name));
      const fragile = '[ ! -e /etc/d-fails ] || { echo "told to fail"; exit 3; }; exec sleep infinity';
      new SystemdService(host, 'd-fragile', { command: ['/bin/sh', '-c', fragile], restart: 'no' });
      new NspawnMachine(host, 'd-rooted', { ...propsOf('d-nspawn'), privateUsers: false });
      new SystemdService(host, 'd-job', { command: ['/bin/echo', 'it ran'], oneshot: true });
      const night = new SystemdService(host, 'd-night', { command: ['/bin/true'] });
      new SystemdTimer(host, 'd-timer', { service: night, onCalendar: '*-*-* 03:00:00' });
      new OciService(host, 'd-web', {
        image: Image.ociArchive(images().ociArchive),
        ports: ['127.0.0.1:8461:80'],
        health: { http: 'http://localhost/' },
      });
      new TerraformOutput(host.stack, 'answer', { value: 42, staticId: true });
    });
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh('rm -rf /var/lib/d-two /etc/d-fails');
    await stopDocker();
  });

  test.each(SERVICES)('%s is entered: as its user, with its files, input, outputs and exit code', async (name, uid) => {
    const read = await exec(name, 'some\ninput', 'cat', '/data/name', '-');
    expect(read).toEqual({ stdout: `${name}\nsome\ninput`, stderr: '', code: 0 });
    const script = 'id -u; printf "%s|" "$@"; echo a problem >&2; exit 7';
    const words = ["it's", 'a  b', '$HOME', '-l', '', '*'];
    const { stdout, stderr, code } = await exec(name, '', 'sh', '-c', script, 'sh', ...words);
    const [user, said] = stdout.split('\n');
    expect({ user, said, stderr: stderr.trim(), code }).toEqual({
      user: expect.stringMatching(uid),
      said: `${words.join('|')}|`,
      stderr: 'a problem',
      code: 7,
    });
  });

  test.each(NAMES)('%s has a shell with a terminal where there is one', async (name) => {
    const command = [process.execPath, main, 'shell', '--bundle', deployment.directory, name].join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null']);
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      // Some throw away what is typed before they ask for it.
      stdout += String(chunk).replaceAll('\x1b[6n', '');
      if (/[$#] $/.test(stdout))
        child.stdin.end('test -t 0 && test -t 1 && echo "term $((40 + 2))"; cat /data/name\nexit 5\n');
    });
    const [code] = await once(child, 'close');
    clearTimeout(late);
    expect(stdout).toContain('term 42');
    expect(stdout).toContain(`\n${name}\r`);
    expect(code).toBe(5);
  });

  test('a program in a sandbox gains nothing by being entered', async () => {
    for (const name of ['d-systemd', 'd-root', 'd-image']) {
      const { stdout } = await exec(name, '', 'grep', '-E', '^(CapEff|NoNewPrivs)', '/proc/self/status');
      const pid = (await lab.sh('systemctl show -P MainPID "$1"', name)).trim();
      expect(stdout).toBe(await lab.sh('grep -E "^(CapEff|NoNewPrivs)" "/proc/$1/status"', pid));
    }
  });

  test('root of the host in a root of its own is not entered, since nothing there can be trusted', async () => {
    const { stderr, code } = await on('exec', 'd-rooted', '--', 'true');
    expect(stderr).toMatch(/^Cannot enter d-rooted: it runs as root in a root of its own, with fewer/);
    expect(code).toBe(125);
  });

  test('what does not run, or is not there, is not entered', async () => {
    expect((await on('exec', 'd-none', '--', 'true')).stderr).toContain(
      'Cannot find service "d-none": expected one of',
    );
    expect((await on('exec', 'd-night', '--', 'true')).stderr).toMatch(
      /Cannot enter d-night on .*: d-night\.service is inactive/,
    );
    expect((await on('exec', 'd-timer', '--', 'true')).stderr).toContain('it has no program');
    expect(await on('exec', 'd-podman', '--', 'no-such-program')).toMatchObject({ code: 127 });
    const { stderr } = await on('shell', 'd-*');
    expect(stderr).toContain('Cannot choose a service by "d-*": expected one of day-two/host/d-systemd on');
  });

  test('all restart, and the next plan is empty', async () => {
    const units = NAMES.filter((name) => name !== 'd-rootless');
    const before = await invocations(...units);
    const { stdout, stderr, code } = await on('restart', ...NAMES);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain('day-two/host/d-podman  restart d-podman.service\n');
    expect(stdout).toMatch(new RegExp(`\nRestarted ${NAMES.length} services in .* s\\.\n$`));
    const after = await invocations(...units);
    expect(new Set(after).size).toBe(units.length);
    expect(after.filter((id, index) => id === before[index])).toEqual([]);
    expect(await on('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  test('one that fails says why, and the others restart', async () => {
    await lab.sh('touch /etc/d-fails');
    const failed = await on('restart', 'd-fragile', 'd-crun');
    expect(failed.stdout).toMatch(/\nRestarted 1 of 2 services in .*, 1 failed\.\n$/);
    expect(failed.stderr).toMatch(
      /^Cannot start d-fragile\.service on .*: it ended with exit code 3, expected it to stay up: told to fail \(at day-two\/host\/d-fragile\)\n/,
    );
    expect(failed.code).toBe(1);
    await lab.sh('rm /etc/d-fails');
    const { stdout, code } = await on('restart', 'd-fragile', '--json');
    expect(JSON.parse(stdout)).toEqual({
      hosts: [
        {
          address: ADDRESS,
          services: [{ name: 'd-fragile', path: 'day-two/host/d-fragile', result: 'restarted' }],
        },
      ],
    });
    expect(code).toBe(0);
    expect(await on('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  test('a job runs once more, and what another unit starts only goes on', async () => {
    const runs = async () => Number(await lab.sh('journalctl --sync; journalctl -o cat -u d-job | grep -c "^it ran$"'));
    const before = await runs();
    expect(await on('restart', 'd-job', 'd-timer')).toMatchObject({ stderr: '', code: 0 });
    expect(await runs()).toBe(before + 1);
    expect((await on('restart', 'd-night')).stderr).toMatch(
      /^Cannot restart d-night on .*: d-night\.service is not running, and another unit starts it \(at .*\)\n {2}do: systemctl start d-night\.service\n$/,
    );
    expect(await on('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  test('an apply ends with the outputs', async () => {
    const { stdout, code } = await on('apply', '--auto-approve');
    expect(stdout).toMatch(/\nNo changes: .*\n\nOutputs of day-two:\n {2}answer = 42\n$/);
    expect(code).toBe(0);
    expect(JSON.parse((await on('apply', '--auto-approve', '--json')).stdout).outputs).toEqual({
      'day-two': { answer: 42 },
    });
  });

  test('a service is restarted and entered without its program', async () => {
    expect(await bulkhead(['restart', '--host', ADDRESS, 'd-lxc'])).toMatchObject({ stderr: '', code: 0 });
    const entered = await bulkhead(['exec', '--host', ADDRESS, 'd-lxc', '--', 'cat', '/data/name']);
    expect(entered).toEqual({ stdout: 'd-lxc\n', stderr: '', code: 0 });
  });

  test('the status shows health, restarts, address, ports, the next run and the stack', async () => {
    await lab.sh('systemctl kill --signal=KILL d-image');
    await lab.sh('until [ "$(systemctl show -P NRestarts d-image)" = 1 ]; do sleep 0.1; done');
    const { hosts }: StatusDocument = JSON.parse((await on('status', '--json')).stdout);
    const services = new Map(hosts.flatMap((each) => each.services.map((service) => [service.name, service])));
    const address = expect.stringMatching(/^10\.\d+\.\d+\.\d+$/);
    const web = { state: 'healthy', restarts: 0, address, ports: ['127.0.0.1:8461/tcp'], memory: expect.any(Number) };
    expect(services.get('d-web')).toMatchObject(web);
    expect(services.get('d-image')).toMatchObject({ restarts: 1 });
    expect(services.get('d-job')).toMatchObject({ state: 'done' });
    expect(services.get('d-timer')).toMatchObject({ state: 'waiting', next: expect.any(String) });
    const { stdout } = await bulkhead(['status', '--host', ADDRESS]);
    expect(stdout).toMatch(/\n {2}STACK +NAME +RUNTIME +STATE +SINCE +RESTARTS +MEMORY +ADDRESS +PORTS +NEXT +LAST\n/);
    expect(stdout).toMatch(
      /\n {2}day-two +d-web +oci +healthy +[\d.]+ .* +0 +\S+ +10\.\S+ +127\.0\.0\.1:8461\/tcp +- +-\n/,
    );
  });
});

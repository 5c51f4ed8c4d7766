import {
  type Host,
  SystemdMount,
  SystemdPath,
  SystemdService,
  SystemdSlice,
  SystemdSocket,
  SystemdTimer,
} from 'bulkhead';
import { escapePath } from '../../lib/constructs/systemd/systemd-mount';
import { describeHost, inventory, lab } from './host';
import { Deployment } from './synth';

/** Waits until a script on the host succeeds. */
const eventually = (script: string) =>
  lab.sh(`for i in $(seq 200); do if (${script}) >/dev/null 2>&1; then exit 0; fi; sleep 0.1; done; ${script}`);
const show = async (unit: string, property: string) =>
  (await lab.sh('systemctl show -P "$2" "$1"', unit, property)).trim();
/** Sends a line to a port of the host and returns the answer. */
const talk = (port: number, line: string) =>
  lab.sh(
    `bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0"; echo "$1" >&3; read -r answer <&3; echo "$answer"' "$1" "$2"`,
    `${port}`,
    line,
  );

describeHost('systemd units', () => {
  let before: string;
  let deployment: Deployment;
  const deploy = async (build: (host: Host) => void) => {
    deployment = new Deployment('systemd-test', build);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  };

  beforeEach(async () => {
    before = await inventory();
  });
  afterEach(async () => {
    expect(await deployment.differences()).toEqual([]);
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
  });

  test('a timer runs its service again and again, and a change does not interrupt a run', async () => {
    const script = 'echo tick; sleep "$0"';
    const timer = (seconds: string) => (host: Host) => {
      const directives = { Timer: { AccuracySec: '100ms' } } as const;
      new SystemdTimer(host, 's-tick', {
        onCalendar: '*-*-* *:*:*',
        command: ['/bin/sh', '-c', script, seconds],
        directives,
      });
    };
    await deploy(timer('0'));
    expect(await show('s-tick.timer', 'UnitFileState')).toBe('enabled');
    await eventually('test "$(journalctl -q -o cat -u s-tick | grep -c ^tick)" -ge 2');
    deployment.cleanUp();
    await deploy(timer('1000'));
    await eventually('systemctl show -P ActiveState s-tick.service | grep -x activating && pgrep -x -f "sleep 1000"');
    const run = await show('s-tick.service', 'InvocationID');
    deployment.cleanUp();
    await deploy(timer('1001'));
    expect(await show('s-tick.service', 'InvocationID')).toBe(run);
  });

  test('a path unit runs its service when something is there', async () => {
    await deploy((host) => {
      const command = ['/usr/bin/rm', '-f', '/run/s-in/file'];
      new SystemdPath(host, 's-in', {
        exists: '/run/s-in/file',
        command,
        user: 'root',
        volumes: ['/run/s-in:/run/s-in'],
      });
    });
    await lab.sh('mkdir -p /run/s-in; touch /run/s-in/file');
    await eventually('test ! -e /run/s-in/file && test "$(systemctl show -P ActiveState s-in.service)" = inactive');
    await lab.sh('rmdir /run/s-in');
  });

  test('a socket starts one instance for each connection', async () => {
    await deploy((host) => {
      new SystemdSocket(host, 's-echo', { ports: [8096], accept: true, command: ['/usr/bin/cat'] });
    });
    expect(await talk(8096, 'one')).toBe('one\n');
    expect(await talk(8096, 'two')).toBe('two\n');
    expect(await show('s-echo.socket', 'NAccepted')).toBe('2');
  });

  test('a socket starts its service with the first connection, and a change of it is served', async () => {
    const proxy =
      (...args: string[]) =>
      (host: Host) => {
        new SystemdSocket(host, 's-echo', { ports: [8097], accept: true, command: ['/usr/bin/cat'] });
        const command = ['/usr/lib/systemd/systemd-socket-proxyd', ...args, '127.0.0.1:8097'];
        new SystemdSocket(host, 's-proxy', { ports: [8098], command });
      };
    await deploy(proxy());
    expect(await show('s-proxy.service', 'ActiveState')).toBe('inactive');
    expect(await talk(8098, 'one')).toBe('one\n');
    expect(await show('s-proxy.service', 'ActiveState')).toBe('active');
    deployment.cleanUp();
    await deploy(proxy('--connections-max=5'));
    expect(await talk(8098, 'two')).toBe('two\n');
    expect(await show('s-proxy.service', 'ExecStart')).toContain('--connections-max=5');
  });

  test('the limits of a slice hold for what is in it, and so do new ones', async () => {
    const limited = (tasks: number) => (host: Host) => {
      const slice = new SystemdSlice(host, 's-all', { memory: '64M', cpu: 0.5, tasks });
      new SystemdService(host, 's-one', { command: ['/usr/bin/sleep', 'infinity'], slice });
    };
    // With one hierarchy of control groups, or one for each controller.
    const limits = () =>
      lab.sh(`
        group=$(systemctl show -P ControlGroup s-all.slice); cd /sys/fs/cgroup
        case $(systemctl show -P ControlGroup s-one) in "$group"/s-one.service) echo inside ;; esac
        cat "memory$group/memory.limit_in_bytes" 2>/dev/null || cat ".$group/memory.max"
        cat "pids$group/pids.max" 2>/dev/null || cat ".$group/pids.max"
      `);
    await deploy(limited(20));
    expect(await limits()).toBe('inside\n67108864\n20\n');
    deployment.cleanUp();
    await deploy(limited(30));
    expect(await limits()).toBe('inside\n67108864\n30\n');
    expect(await show('s-one.service', 'ActiveState')).toBe('active');
  });

  test('a file system is mounted, and a service sees it', async () => {
    await deploy((host) => {
      const options = ['size=1M', 'mode=1777'];
      const mount = new SystemdMount(host, 's-mount', {
        what: 'tmpfs',
        where: '/run/s-mount-a',
        type: 'tmpfs',
        options,
      });
      const command = ['/bin/sh', '-c', 'echo yes > /data/file; exec sleep infinity'];
      const volumes = [{ source: mount.where, target: '/data' }];
      new SystemdService(host, 's-writer', { command, volumes, dependsOn: [mount] });
    });
    await eventually('grep -x yes /run/s-mount-a/file');
    expect((await lab.sh('findmnt -n -o FSTYPE,SIZE /run/s-mount-a')).split(/\s+/)).toEqual(['tmpfs', '1M', '']);
  });
});

describeHost('the name of a mount', () => {
  test.each(['/srv/data', '/a b/c-d', '/.hidden/.x', '/ä', '/a\\b'])('%j is escaped as systemd does', async (path) => {
    expect(escapePath(path)).toBe((await lab.sh('systemd-escape --path "$1"', path)).trim());
  });
});

import { type Health, Image, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { describeHost, lab } from './host';
import { practiceHost } from './stack';
import { Deployment, images } from './synth';

type Made = SystemdService | PodmanService | NspawnMachine;
type Make = (host: ConstructorParameters<typeof SystemdService>[0], id: string, props: object) => Made;

const SERVE =
  'mkdir -p /tmp/www && echo yes > /tmp/www/page && sleep "$0" && exec busybox httpd -f -p 8095 -h /tmp/www';
const NEVER = 'echo still loading; trap "exit 0" TERM; sleep 1000 & wait';

/** Serves a page on port 8095 of its own network once `seconds` have passed; never without. */
const server = (seconds?: number) =>
  seconds === undefined ? ['/bin/sh', '-c', NEVER] : ['/bin/sh', '-c', SERVE, String(seconds)];

const RUNTIMES: Readonly<Record<string, (seconds?: number) => Make>> = {
  systemd: (seconds) => (host, id, props) =>
    new SystemdService(host, id, { command: server(seconds), ports: [8095], stopTimeout: '1s', ...props }),
  podman: (seconds) => (host, id, props) =>
    new PodmanService(host, id, { image: image(), command: server(seconds), stopTimeout: '1s', ...props }),
  nspawn: (seconds) => (host, id, props) =>
    new NspawnMachine(host, id, { image: image(), command: server(seconds), stopTimeout: '1s', ...props }),
};
const image = () => Image.ociArchive(images().ociArchive);

const PROBES: Readonly<Record<string, Health>> = {
  tcp: { tcp: 8095, interval: '200ms' },
  http: { http: 'http://localhost:8095/page', interval: '200ms' },
  command: {
    command: ['/bin/sh', '-c', 'busybox wget -q -O - http://127.0.0.1:8095/page | grep .'],
    interval: '200ms',
  },
};
/** What lets systemd-notify of the host run in each of them. */
const NOTIFY: Readonly<Record<string, object>> = {
  systemd: { directives: { Service: { NotifyAccess: 'all' } } },
  podman: { volumes: ['/usr:/usr:ro', '/usr/lib:/lib:ro', '/usr/lib64:/lib64:ro'] },
  nspawn: { directives: { Files: { BindReadOnly: ['/usr', '/usr/lib64:/lib64'] } } },
};
const table = Object.keys(RUNTIMES).flatMap((runtime) =>
  Object.keys(PROBES).map((probe): [string, string] => [runtime, probe]),
);
const of = <T>(map: Readonly<Record<string, T>>, key: string): T => {
  const value = map[key];
  if (value === undefined) throw new Error(`no ${key}`);
  return value;
};

/** Microseconds since the boot at which a unit became active. */
const activeAt = async (unit: string) =>
  Number(await lab.sh('systemctl show -P ActiveEnterTimestampMonotonic "$1"', unit));
const startedAt = async (unit: string) =>
  Number(await lab.sh('systemctl show -P InactiveExitTimestampMonotonic "$1"', unit));

describeHost('health', () => {
  let deployment: Deployment;
  const make = (build: (host: Parameters<Make>[0]) => void) => {
    deployment = new Deployment('health-test', build);
    return deployment;
  };
  afterEach(async () => {
    await deployment.destroy();
    deployment.cleanUp();
  });

  test.each(table)('%s: an apply returns once %s succeeds, and a second plan is empty', async (runtime, probe) => {
    make((host) => of(RUNTIMES, runtime)(2)(host, 'h-slow', { health: of(PROBES, probe) }));
    await deployment.apply();
    const took = (await activeAt('h-slow.service')) - (await startedAt('h-slow.service'));
    expect(took).toBeGreaterThan(1_900_000);
    expect(took).toBeLessThan(20_000_000);
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  test.each(table)('%s: an apply fails once the deadline of %s has passed, and says why', async (runtime, probe) => {
    const health = { ...(of(PROBES, probe) as object), timeout: '2s' };
    make((host) => of(RUNTIMES, runtime)()(host, 'h-never', { health, restart: 'no' }));
    const begin = Date.now();
    const error = await deployment.apply().then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(Date.now() - begin).toBeLessThan(30_000);
    expect(error?.message).toMatch(/^Cannot start h-never.service .*\(at health-test\/host\/h-never\)/);
    expect(error?.message).toContain('still loading');
    expect(error?.message).toMatch(/Not healthy within 2 s\. Last probe: exit code \d+ .*refused/s);
  });

  test('a service that ends is not waited for', async () => {
    const command = ['/bin/sh', '-c', 'echo no database; sleep 1; exit 3'];
    make((host) => new SystemdService(host, 'h-ends', { command, health: { tcp: 8095 }, restart: 'no' }));
    await expect(deployment.apply()).rejects.toThrow(/no database.*Not healthy: the service has ended/s);
  });

  test('an answer that is an error is not healthy, and is shown', async () => {
    const health: Health = { http: 'http://localhost:8095/none', timeout: '1s' };
    make((host) => RUNTIMES.systemd?.(0)(host, 'h-404', { health, restart: 'no' }));
    await expect(deployment.apply()).rejects.toThrow(/404 Not Found/);
  });

  test.each(Object.keys(NOTIFY))('%s: a program says itself when it is ready', async (runtime) => {
    // In a machine, nobody but process 1 may say it.
    const say = 'sleep 2; exec /usr/bin/systemd-notify --ready --exec ";" sleep infinity';
    const props = { command: ['/bin/sh', '-c', say], health: 'notify', ...NOTIFY[runtime] };
    make((host) => of(RUNTIMES, runtime)()(host, 'h-notify', props));
    await deployment.apply();
    const took = (await activeAt('h-notify.service')) - (await startedAt('h-notify.service'));
    expect(took).toBeGreaterThan(1_900_000);
    expect(await deployment.differences()).toEqual([]);
  });

  test('what depends on it starts after it is healthy, across runtimes, on apply and at boot', async () => {
    const health = of(PROBES, 'http');
    make((host) => {
      const box = RUNTIMES.podman?.(2)(host, 'h-box', { health });
      const machine = RUNTIMES.nspawn?.(2)(host, 'h-machine', { health, dependsOn: [box] });
      RUNTIMES.systemd?.(2)(host, 'h-unit', { health, dependsOn: [machine] });
    });
    await deployment.apply();
    const inOrder = async () => {
      expect(await startedAt('h-machine.service')).toBeGreaterThanOrEqual(await activeAt('h-box.service'));
      expect(await startedAt('h-unit.service')).toBeGreaterThanOrEqual(await activeAt('h-machine.service'));
      expect((await activeAt('h-unit.service')) - (await startedAt('h-unit.service'))).toBeGreaterThan(1_900_000);
    };
    await inOrder();
    const booted = async () => (await lab.sh('systemctl show -P UserspaceTimestampMonotonic')).trim();
    const before = await activeAt('h-box.service');
    await practiceHost.restart();
    await lab.sh('systemctl is-system-running --wait || true');
    expect(await booted()).not.toBe('');
    expect(await activeAt('h-box.service')).not.toBe(before);
    await inOrder();
    expect(await deployment.differences()).toEqual([]);
  });
});

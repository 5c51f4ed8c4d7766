import { type Host, Image, NspawnMachine, PodmanService, SystemdService, SystemdTimer } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(120_000);

const COMMAND = ['/bin/sleep', '100000'] as const;
const image = () => Image.ociArchive(images().ociArchive);

const RUNTIMES = {
  systemd: (host: Host) => new SystemdService(host, 'c-app', { command: COMMAND }),
  podman: (host: Host) =>
    new PodmanService(host, 'c-app', {
      image: image(),
      command: COMMAND,
      directives: { Container: { StopTimeout: 1 } },
    }),
  nspawn: (host: Host) =>
    new NspawnMachine(host, 'c-app', {
      image: image(),
      command: COMMAND,
      network: 'none',
      removalPolicy: 'destroy',
      stopTimeout: '1s',
    }),
} as const;
type Runtime = keyof typeof RUNTIMES;

const PAIRS = (Object.keys(RUNTIMES) as Runtime[]).flatMap((from) =>
  (Object.keys(RUNTIMES) as Runtime[]).filter((to) => to !== from).map((to) => [from, to] as const),
);

/** What is left of each runtime. An image of podman is kept to go back to. */
const TRACES: Readonly<Record<Runtime, string>> = {
  systemd: 'ls /etc/systemd/system | grep -x c-app.service || true',
  podman: 'podman ps -a --format "{{.Names}}"',
  nspawn: 'ls -A /var/lib/machines; machinectl list --no-legend',
};

const jobs = (verb: string) =>
  lab.sh(`journalctl --sync; journalctl -q -b -o cat -u c-app.service | grep -c "^$1 c-app.service" || true`, verb);

describeHost('a service that changes its runtime', () => {
  let before: string;
  let deployment: Deployment | undefined;
  const deploy = async (make: (host: Host) => unknown) => {
    deployment?.cleanUp();
    deployment = new Deployment('runtime-change', (host) => void make(host));
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  };

  beforeAll(async () => (before = await inventory()));
  afterEach(async () => {
    await deployment?.destroy();
    deployment?.cleanUp();
    deployment = undefined;
    expect(await inventory()).toBe(before);
  });

  test.each(PAIRS)('from %s to %s stops once and starts once, and leaves nothing behind', async (from, to) => {
    await deploy(RUNTIMES[from]);
    const [stops, starts] = [await jobs('Stopped'), await jobs('Started')];
    await deploy(RUNTIMES[to]);
    expect(Number(await jobs('Stopped')) - Number(stops)).toBe(1);
    expect(Number(await jobs('Started')) - Number(starts)).toBe(1);
    expect(await lab.sh('systemctl is-active c-app.service')).toBe('active\n');
    const left = await lab.sh(TRACES[from]);
    // An nspawn machine has a unit file, too.
    expect(left).toBe(from === 'systemd' && to === 'nspawn' ? 'c-app.service\n' : '');
  });

  test('to a timer does not go on running', async () => {
    await deploy(RUNTIMES.systemd);
    await deploy((host) => new SystemdTimer(host, 'c-app', { command: COMMAND, onCalendar: 'yearly' }));
    expect(await lab.sh('systemctl is-active c-app.timer c-app.service || true')).toBe('active\ninactive\n');
  });
});

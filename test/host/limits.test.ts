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
  type UnitProps,
} from 'bulkhead';
import { startDocker, stopDocker } from './docker/daemon';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

// What it tries is more than it may: a process with 64 MB, 60 processes, and as much of a processor as there is.
const TRY = [
  'dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null; echo "memory: $?"',
  'for i in $(seq 60); do sleep 1000 & done; echo "tasks: enough"',
].join('; ');
// The shell would become its last command, and could not be found by its own words any more.
const BUSY = 'i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done; sleep 1000000; :';

interface Props extends Omit<UnitProps, 'slice'> {
  readonly command: readonly string[];
}

const image = () => Image.ociArchive(images().ociArchive);
/** Where a process that was killed for its memory would else stop all of its unit. */
const GO_ON = { directives: { Service: { OOMPolicy: 'continue' } } } as const;

const RUNTIMES: Readonly<Record<string, (host: Host, id: string, props: Props) => unknown>> = {
  containerd: (host, id, props) => new ContainerdService(host, id, { ...props, image: image() }),
  crun: (host, id, props) => new OciService(host, id, { ...props, image: image() }),
  incus: (host, id, props) => new IncusInstance(host, id, { ...props, image: image() }),
  lxd: (host, id, props) => new LxdInstance(host, id, { ...props, image: image() }),
  runc: (host, id, props) => new OciService(host, id, { ...props, image: image(), runtime: 'runc' }),
  docker: (host, id, props) => new DockerService(host, id, { ...props, image: image() }),
  podman: (host, id, props) => new PodmanService(host, id, { ...props, image: image() }),
  nspawn: (host, id, props) => new NspawnMachine(host, id, { ...props, ...GO_ON, image: image() }),
  portable: (host, id, props) => new PortableService(host, id, { ...props, ...GO_ON, image: image() }),
  systemd: (host, id, props) => new SystemdService(host, id, { ...props, ...GO_ON, image: image() }),
  lxc: (host, id, props) => new LxcContainer(host, id, { ...props, image: image() }),
};

/**
 * Prints how often the process with these words was held back, in its control group and those around it, whatever the
 * version of control groups.
 */
const THROTTLED = `
# runc itself is held back, too, before the process is there.
for try in $(seq 900); do ! pid=$(pgrep -f "^/bin/sh -c i=0.* $1$") || break; sleep 0.1; done
while IFS=: read -r _ controllers path; do
  for root in "/sys/fs/cgroup/$controllers" /sys/fs/cgroup; do
    for at in "$path" "\${path%/*}"; do sed -n 's/^nr_throttled //p' "$root$at/cpu.stat" 2>/dev/null || :; done
  done
done < "/proc/$pid/cgroup"`;

describeHost('limits', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    await startDocker();
    before = await inventory();
    deployment = new Deployment('limits', (host) => {
      for (const [runtime, create] of Object.entries(RUNTIMES)) {
        create(host, `l-try-${runtime}`, { command: ['/bin/sh', '-c', TRY], memory: '32M', tasks: 30, restart: 'no' });
        create(host, `l-busy-${runtime}`, {
          command: ['/bin/sh', '-c', BUSY, `spins-${runtime}`],
          cpu: 0.02,
          stopTimeout: '1s',
        });
      }
    });
    // A program that has ended is not what was asked for, and the error says so.
    await deployment.apply().catch(() => undefined);
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    const after = await inventory();
    await stopDocker();
    expect(after).toBe(before);
  });

  // What conmon writes is not always known as of its unit.
  const log = (unit: string) =>
    lab.sh('journalctl --sync; journalctl -o cat _SYSTEMD_UNIT="$1.service" + SYSLOG_IDENTIFIER="$1"', unit);

  describe.each(Object.keys(RUNTIMES))('of a service of %s', (runtime) => {
    test('on memory kill the process that takes more', async () => {
      expect(await log(`l-try-${runtime}`)).toContain('memory: 137');
    });

    test('on tasks refuse the process that is one too many', async () => {
      const text = await log(`l-try-${runtime}`);
      expect(text).toMatch(/can't fork/);
      expect(text).not.toContain('tasks: enough');
    });

    test('on processors hold a process back', async () => {
      const counts = (await lab.sh(THROTTLED, `spins-${runtime}`)).trim().split('\n').map(Number);
      expect(Math.max(...counts)).toBeGreaterThan(0);
    });
  });
});

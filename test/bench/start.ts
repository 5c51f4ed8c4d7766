import {
  type Connectable,
  ContainerdService,
  DockerDaemon,
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
  VirtualMachine,
} from 'bulkhead';
import { Lab } from '../../lib/lab';
import type { Fleet } from './fleet';
import { interleave, type Measurement } from './measure';

type Create = (host: Host, id: string, props: ReturnType<typeof propsOf>) => Connectable;

/** How each runtime runs the server of the test image. */
export const RUNTIMES: Readonly<Record<string, Create>> = {
  'systemd-image': (host, id, props) => new SystemdService(host, id, props),
  portable: (host, id, props) => new PortableService(host, id, props),
  crun: (host, id, props) => new OciService(host, id, { ...props, runtime: 'crun' }),
  runc: (host, id, props) => new OciService(host, id, { ...props, runtime: 'runc' }),
  lxc: (host, id, props) => new LxcContainer(host, id, props),
  'lxc-privileged': (host, id, props) => new LxcContainer(host, id, { ...props, privileged: true }),
  podman: (host, id, props) => new PodmanService(host, id, props),
  nspawn: (host, id, props) => new NspawnMachine(host, id, props),
  incus: (host, id, props) => new IncusInstance(host, id, props),
  lxd: (host, id, props) => new LxdInstance(host, id, props),
  vm: machine,
  containerd: (host, id, props) => new ContainerdService(host, id, props),
  docker: (host, id, props) => {
    const daemon = new DockerDaemon(host, 'docker');
    return new DockerService(host, id, { ...props, dependsOn: [daemon] });
  },
};

/** Its guest answers with the page of its image. */
function machine(host: Host, id: string, { image, network, expose }: ReturnType<typeof propsOf>): Connectable {
  return new VirtualMachine(host, id, { ...Lab.guest(), image, network, expose, memory: '128M', stopTimeout: '1s' });
}

const COMMAND = ['/bin/busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];

function propsOf({ network }: Host) {
  const image = Image.ociArchive(Lab.images().ociArchive);
  return { image, command: COMMAND, network, expose: [80], stopTimeout: '1s' } as const;
}

/**
 * From the start of a service until its server answers, by one runtime, and by systemd without an image. Its network is
 * there already.
 */
export async function start(fleet: Fleet, create: Create, rounds: number): Promise<Measurement> {
  const addresses = new Map<string, string>();
  const stack = fleet.synthesize('start', (host) => {
    const { image: _, ...plain } = propsOf(host);
    const floor = new SystemdService(host, 'start-floor', {
      ...plain,
      command: ['/usr/bin/busybox', ...COMMAND.slice(1)],
    });
    const ours = create(host, 'start-ours', propsOf(host));
    for (const service of [floor, ours]) {
      service.connections.allowFromHost();
      addresses.set(service.connections.member().names[0] ?? '', service.connections.member().address);
    }
  });
  await fleet.apply(stack);
  const started = async (name: string) => {
    await fleet.script(`systemctl stop ${name}; systemctl reset-failed ${name} 2>/dev/null`);
    return fleet.script(
      `systemctl start ${name}; until curl -s -o /dev/null http://${addresses.get(name)}/; do sleep 0.005; done`,
    );
  };
  const measurement = await interleave(
    rounds,
    () => started('start-ours'),
    () => started('start-floor'),
  );
  await fleet.destroy(stack);
  // docker lets nothing through the host that it does not know. The others only take time.
  await fleet.script('systemctl stop docker.socket docker containerd incus.socket incus lxd.socket lxd 2>/dev/null');
  return measurement;
}

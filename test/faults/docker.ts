import { DockerDaemon, DockerImage, DockerNetwork, DockerService, DockerVolume, type Host, Network } from 'bulkhead';
import { image, root, SECONDS, type Side } from './making';

const CONTAINED = { command: ['/bin/sleep', 'infinity'], stopTimeout: '1s' } as const;

/** Containers as of other engines, a network that is made anew, and docker's own configuration on one side only. */
export function buildDocker(host: Host, side: Side): void {
  const data = new DockerVolume(host, `f-dock-data-${side}`, { removalPolicy: 'destroy' });
  const network = new DockerNetwork(host, 'f-dock-lan', { internal: side === 'b' });
  const props = { ...CONTAINED, image: image() };
  const changing = new DockerImage(host, 'f-dock-image', { image: root(side) });
  new DockerService(host, 'f-dock-root', { ...props, image: changing, command: ['/bin/sleep', SECONDS[side]] });
  new DockerService(host, 'f-dock-side', { ...props, environment: { SIDE: side }, network });
  const volumes = [{ source: data, target: '/data' }];
  new DockerService(host, `f-dock-${side}`, { ...props, network: 'none', volumes });
  if (side === 'a') return;
  new DockerDaemon(host, 'f-dock-daemon');
  new DockerService(host, 'f-dock-joined', { ...props, network: new Network(host, 'f-dock-net') });
}

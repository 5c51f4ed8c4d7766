import { PodmanNetwork } from './podman-network';
import { checkResource } from './podman-resource';
import { listenAddress, type Port } from './ports';
import type { Service } from './service';

/** Checks the networks that a prop names. @throws Error */
export function checkNetworks(user: Service, networks: readonly PodmanNetwork[] = []): PodmanNetwork[] {
  return networks.map((network, index) =>
    checkResource(network, PodmanNetwork, user, `${user.node.path}.networks[${index}]`),
  );
}

/** Network= for these, by which Quadlet orders them, too. */
export function networkNames(networks: readonly PodmanNetwork[] = []): string[] | undefined {
  return networks.length > 0 ? networks.map(({ quadletName }) => quadletName) : undefined;
}

/** PublishPort= for these. */
export function publishPorts(ports: readonly Port[]): string[] | undefined {
  return ports.length > 0 ? ports.map(publish) : undefined;
}

function publish({ ip, host, container, protocol }: Port): string {
  return `${ip === undefined ? host : listenAddress(ip, host)}:${container}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

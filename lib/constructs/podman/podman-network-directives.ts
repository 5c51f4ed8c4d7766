import type { ContainerSection, PodSection } from '../../directives/index';
import type { NetworkAccess, NetworkFile, NetworkMounts } from '../network/network-access';
import { listenAddress, type Port } from '../props/ports';
import type { Service } from '../service/service';
import { PodmanNetwork } from './podman-network';
import { checkResource } from './podman-resource';

/** Checks the networks in a prop. @throws Error */
export function checkNetworks(user: Service, networks: readonly PodmanNetwork[] = []): PodmanNetwork[] {
  return networks.map((network, index) =>
    checkResource(network, PodmanNetwork, user, `${user.node.path}.networks[${index}]`),
  );
}

/** Network= for podman networks. Quadlet also orders units by this key. */
export function networkNames(networks: readonly PodmanNetwork[] = []): string[] | undefined {
  return networks.length > 0 ? networks.map(({ usedAs }) => usedAs) : undefined;
}

/**
 * Address on which podman listens for a port without an address. For a rootless user, pasta or rootlessport listens, on
 * IPv4 and on IPv6 if the host has it.
 */
export function listensOn({ host, rootless }: Service): '*' | '0.0.0.0' {
  return rootless || Number.parseInt(host.versions.podman, 10) >= 6 ? '*' : '0.0.0.0';
}

/** Network= of a container or pod that is on no podman network. */
export function networkWord({ namespace, mode }: NetworkAccess): string | undefined {
  return namespace === undefined ? mode : `ns:${namespace}`;
}

/** Whether a container or pod has its own name servers. podman would not write them into a mounted file. */
export function hasNameServers(section: ContainerSection | PodSection = {}): boolean {
  return ['DNS', 'DNSOption', 'DNSSearch'].some((key) => key in section);
}

/** How a container or pod mounts the files of its network. podman does not change mounted files. */
export function networkMounts(path: string, section: string, files: readonly NetworkFile[]): NetworkMounts {
  return { path, section, key: 'Volume', entries: files.map(({ source, target }) => `${source}:${target}:ro`) };
}

/** PublishPort= for ports. */
export function publishPorts(ports: readonly Port[]): string[] | undefined {
  return ports.length > 0 ? ports.map(publish) : undefined;
}

function publish({ ip, host, container, protocol }: Port): string {
  return `${ip === undefined ? host : listenAddress(ip, host)}:${container}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

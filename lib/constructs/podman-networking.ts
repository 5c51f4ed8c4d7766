import type { DirectiveSet } from './directive-set';
import type { PodmanNetwork } from './podman-network';
import { checkNetworks, networkNames, publishPorts } from './podman-network-directives';
import { PodmanPod } from './podman-pod';
import { checkResource, type PodmanResource } from './podman-resource';
import type { Port } from './ports';
import { fail } from './problem';
import type { Service } from './service';

/** A network namespace that is not the container's own, or an empty one. */
export type NetworkMode = 'host' | 'none';

interface NetworkProps {
  readonly networks?: readonly PodmanNetwork[];
  readonly network?: NetworkMode;
  readonly pod?: PodmanPod;
}

/** Checks how a container is reached, and returns what it needs for that. @throws Error */
export function networkResources(user: Service, props: NetworkProps, ports: readonly Port[]): PodmanResource[] {
  const at = user.node.path;
  const { network } = props;
  if (network !== undefined && network !== 'host' && network !== 'none')
    fail({
      action: 'use network',
      value: network,
      problem: 'is unknown',
      expected: '"host" or "none"; others are PodmanNetwork objects in networks',
      at: `${at}.network`,
    });
  for (const { host, container, at } of ports) {
    if (network === 'none')
      fail({ action: 'publish', value: host, problem: 'it has no network', expected: 'no ports', at });
    if (network === 'host' && host !== container)
      fail({
        action: 'publish',
        value: `${host}:${container}`,
        problem: "on the host's network there is no other port",
        expected: 'the same on both sides',
        at,
      });
  }
  if (props.pod !== undefined) return [podOf(user, props, ports)];
  return checkNetworks(user, props.networks);
}

function podOf(user: Service, { pod, ...props }: NetworkProps, ports: readonly Port[]): PodmanPod {
  const at = user.node.path;
  const checked = checkResource(pod, PodmanPod, user, `${at}.pod`);
  const given = Object.entries({ ...props, ports: ports.length > 0 ? ports : undefined });
  for (const prop of ['ports', 'networks', 'network']) {
    if (given.some(([name, value]) => name === prop && value !== undefined))
      fail({
        action: `set ${prop} of`,
        value: user.serviceName,
        problem: `it is in the pod ${checked.node.path}, which has one network for all its containers`,
        expected: prop === 'network' ? 'none' : `${prop} on the pod`,
        at: `${at}.${prop}`,
      });
  }
  return checked;
}

/** Directives for how a container is reached. */
export function networkDirectives(set: DirectiveSet, props: NetworkProps, ports: readonly Port[]): DirectiveSet {
  return set
    .prop('pod', 'Container', { Pod: props.pod?.quadletName })
    .prop('networks', 'Container', { Network: networkNames(props.networks) })
    .prop('network', 'Container', { Network: props.network })
    .prop('ports', 'Container', { PublishPort: props.network === 'host' ? undefined : publishPorts(ports) });
}

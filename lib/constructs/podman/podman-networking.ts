import type { NetworkAccess } from '../network/network-access';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import { fail } from '../problem';
import type { DirectiveSet } from '../props/directive-set';
import type { Port } from '../props/ports';
import type { Service } from '../service/service';
import type { PodmanNetwork } from './podman-network';
import { checkNetworks, networkNames, networkWord, publishPorts } from './podman-network-directives';
import { PodmanPod } from './podman-pod';
import { checkResource, type PodmanResource } from './podman-resource';

interface NetworkingProps extends NetworkedProps {
  readonly hostname?: string;
  readonly networks?: readonly PodmanNetwork[];
  readonly pod?: PodmanPod;
}

/** Checks and returns the pod or the podman networks of a container. @throws Error */
export function networkResources(user: Service, props: NetworkingProps, ports: readonly Port[]): PodmanResource[] {
  if (props.pod !== undefined) return [podOf(user, props, ports)];
  return checkNetworks(user, props.networks);
}

function podOf(user: Service, { pod, ...props }: NetworkingProps, ports: readonly Port[]): PodmanPod {
  const at = user.node.path;
  const checked = checkResource(pod, PodmanPod, user, `${at}.pod`);
  const given: Readonly<Record<string, unknown>> = { ...props, ports: ports.length > 0 ? ports : undefined };
  for (const prop of ['ports', 'networks', ...Object.keys(NETWORKED_PROPS)]) {
    if (given[prop] === undefined) continue;
    fail({
      action: `set ${prop} of`,
      value: user.serviceName,
      problem: `it is in the pod ${checked.node.path}, which has one network for all its containers`,
      expected: `${prop} on the pod`,
      at: `${at}.${prop}`,
    });
  }
  if (props.hostname !== undefined)
    fail({
      action: 'set hostname to',
      value: props.hostname,
      problem: `it is in the pod ${checked.node.path}, which has one hostname for all its containers`,
      expected: 'no hostname',
      at: `${at}.hostname`,
    });
  return checked;
}

/** Directives for the network of a container. */
export function networkDirectives(
  set: DirectiveSet,
  props: NetworkingProps,
  access: NetworkAccess,
  ports: readonly Port[],
): DirectiveSet {
  return set
    .prop('pod', 'Container', { Pod: props.pod?.usedAs })
    .prop('networks', 'Container', { Network: networkNames(props.networks) })
    .prop('network', 'Container', { Network: networkWord(access) })
    .prop('ports', 'Container', { PublishPort: access.mode === undefined ? publishPorts(ports) : undefined });
}

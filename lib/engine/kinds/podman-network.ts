import type { Kind } from '../kind';
import { listBy, PODMAN, removeFromPodman } from './podman';
import {
  type Content,
  contentDiffers,
  type Json,
  listIn,
  pairsIn,
  readContent,
  recordIn,
  textIn,
} from './podman-content';

/** A podman network, which a Quadlet unit creates. */
export const podmanNetwork: Kind<Content> = {
  name: 'podman-network',
  programs: PODMAN,
  look: listBy('network ls', '{{.Name}}\t{{json .}}'),
  read: (text) => readContent(text, contentOf),
  asMade: (_name, { spec = {} }) => spec,
  differs: contentDiffers,
  remedy: (name) =>
    `remove the containers on it that Bulkhead did not create (podman ps --all --filter network=${name}), ` +
    'or give it another `name`',
  act: (_phase, scope, changes) => removeFromPodman(scope, 'network', changes),
};

function contentOf({ driver, subnets, internal, ipv6_enabled, dns_enabled, options, labels }: Json): Content {
  const ranges = listIn(subnets).map(({ lease_range }) => recordIn(lease_range));
  return {
    driver: textIn(driver),
    subnets: listIn(subnets)
      .map(({ subnet }) => textIn(subnet))
      .join('\n'),
    gateways: listIn(subnets)
      .map(({ gateway }) => textIn(gateway))
      .join('\n'),
    ranges: ranges.map(({ start_ip, end_ip }) => `${textIn(start_ip)}-${textIn(end_ip)}`).join('\n'),
    internal: textIn(internal),
    ipv6: textIn(ipv6_enabled),
    dns: textIn(dns_enabled),
    options: pairsIn(options),
    labels: pairsIn(labels),
  };
}

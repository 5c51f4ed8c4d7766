import type { DirectiveProblem } from './error';
import { isSet } from './is-set';

/** Keys without which systemd-networkd ignores a section: one of each group. */
const REQUIRED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Address: [['Address', 'Peer']],
  Neighbor: [['Address'], ['LinkLayerAddress', 'MACAddress']],
  IPv6AddressLabel: [['Prefix'], ['Label']],
  BridgeMDB: [['MulticastGroupAddress']],
  IPv6Prefix: [['Prefix']],
  Route: [['Gateway', 'Destination', 'Source', 'PreferredSource']],
  DHCPServerStaticLease: [['MACAddress'], ['Address']],
  'SR-IOV': [['VirtualFunction']],
  HierarchyTokenBucketClass: [['Rate']],
  TokenBucketFilter: [['Rate'], ['BurstBytes'], ['LimitBytes', 'LatencySec']],
};

/** What systemd-networkd asks of the sections of a .network file. */
export function networkProblems(file: object, { dropIn }: { readonly dropIn?: true }): DirectiveProblem[] {
  if (dropIn) return [];
  return Object.entries(REQUIRED).flatMap(([section, groups]) => {
    const records = [(file as Readonly<Record<string, object | undefined>>)[section] ?? []].flat();
    // A section without keys is none, and loses nothing.
    const begun = records.filter((record) => Object.values(record).some(isSet));
    return begun.flatMap((record) =>
      groups
        .filter((group) => !group.some((key) => isSet((record as Record<string, unknown>)[key])))
        .map(([key = '', ...others]) => ({
          section,
          key,
          message: `is missing, so the section is ignored, expected ${[key, ...others].join(' or ')}, see systemd.network(5)`,
        })),
    );
  });
}

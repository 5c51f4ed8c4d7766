import { reset, type ServiceSection } from '../../directives/index';
import type { NetworkAccess } from '../network/network-access';
import { fail } from '../problem';

/** A profile that comes with systemd. */
export type PortableProfile = 'strict' | 'default' | 'nonetwork' | 'trusted';

const PROFILES: readonly PortableProfile[] = ['strict', 'default', 'nonetwork', 'trusted'];

/**
 * Directives that a profile sets. The profile is read after the unit, and lists add to the lists of the profile. So
 * these directives must be in a drop-in that is read later. @see portablectl(1) "Profiles"
 */
const SET_BY_PROFILES: ReadonlySet<string> = new Set([
  'AmbientCapabilities',
  'BindReadOnlyPaths',
  'CapabilityBoundingSet',
  'DynamicUser',
  'IPAddressAllow',
  'IPAddressDeny',
  'LockPersonality',
  'MemoryDenyWriteExecute',
  'MountAPIVFS',
  'NetworkNamespacePath',
  'NoNewPrivileges',
  'PrivateDevices',
  'PrivateNetwork',
  'PrivateTmp',
  'PrivateUsers',
  'ProtectControlGroups',
  'ProtectHome',
  'ProtectKernelModules',
  'ProtectKernelTunables',
  'ProtectSystem',
  'RemoveIPC',
  'RestrictAddressFamilies',
  'RestrictNamespaces',
  'RestrictRealtime',
  'SystemCallArchitectures',
  'SystemCallErrorNumber',
  'SystemCallFilter',
  'TasksMax',
  'User',
]);

/** @throws Error */
export function checkProfile(profile: unknown = 'strict', at: string): PortableProfile {
  const known = PROFILES.find((name) => name === profile);
  if (known) return known;
  return fail({
    action: 'attach with profile',
    value: profile,
    problem: 'is not a profile of systemd',
    expected: PROFILES.map((name) => `"${name}"`).join(', '),
    at: `${at}.profile`,
  });
}

/**
 * Directives that open a profile for the network of a service. The strict profile has no network and allows no address.
 */
export function networkDefaults({ mode }: NetworkAccess): ServiceSection {
  if (mode === 'none') return {};
  return {
    RestrictAddressFamilies: Object.freeze(['AF_UNIX', 'AF_INET', 'AF_INET6'] as const),
    IPAddressDeny: reset([]),
    ...(mode === 'host' ? { PrivateNetwork: false } : {}),
  };
}

/** Splits [Service] into the directives of the unit and the directives that must come after the profile. */
export function splitByProfile(service: object): { readonly unit: object; readonly dropIn: object } {
  const entries = Object.entries(service);
  return {
    unit: Object.fromEntries(entries.filter(([key]) => !SET_BY_PROFILES.has(key))),
    dropIn: Object.fromEntries(entries.filter(([key]) => SET_BY_PROFILES.has(key))),
  };
}

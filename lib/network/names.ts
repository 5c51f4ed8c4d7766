import { createHash } from 'node:crypto';

/** The host's end of every link. Link-local, so that all links can share them. */
export const GATEWAY = { address: '169.254.1.1', address6: 'fe80::1' } as const;

/** Directory with what a network, or the network of a service, is made of. */
export function directoryOf(name: string): string {
  return `/etc/bulkhead/network/${name}`;
}

/** Name of a service's network namespace, and of the link's end on the host. The kernel takes 15 characters. */
export function linkName(service: string): string {
  const name = `bh-${service}`;
  return name.length <= 15 ? name : `bh-${digest(service).slice(0, 8)}`;
}

/** Where a namespace is joined. */
export function namespacePath(service: string): string {
  return `/run/netns/${linkName(service)}`;
}

/** Name of a network's table in the host's rules. */
export function tableName(network: string): string {
  return `bulkhead-${network}`;
}

/**
 * The group of a network's links on the host, by which its rules know them: also a link that the rules do not list yet,
 * or no longer.
 */
export function linkGroup(network: string): number {
  return 0x40000000 | (Number.parseInt(digest(network).slice(0, 8), 16) & 0x3fffffff);
}

/** Where the guest of a virtual machine sends what is not for itself: the namespace that its program runs in. */
export const GUEST_GATEWAY = { address: '169.254.1.2', address6: 'fe80::2' } as const;

/** The interface by which a namespace reaches the guest of a virtual machine. */
export const GUEST_TAP = 'tap0';

/** Hardware addresses of the ends of a service's link. */
interface HardwareAddresses {
  readonly host: string;
  readonly inside: string;
  /** Of the guest of a virtual machine. */
  readonly guest: string;
}

/**
 * Hardware addresses of the ends of a link. A link that has none of its own is given another one by udevd(8) after its
 * birth.
 */
export function hardwareAddresses(link: string): HardwareAddresses {
  const last = digest(link).slice(0, 10).match(/../g)?.join(':');
  return { host: `02:${last}`, inside: `06:${last}`, guest: `0a:${last}` };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

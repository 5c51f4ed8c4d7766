import { createHash } from 'node:crypto';

/** The host's end of every link. The addresses are link-local, so all links can share them. */
export const GATEWAY = { address: '169.254.1.1', address6: 'fe80::1' } as const;

/** Directory with the files of a network, or of a service's part of it. */
export function directoryOf(name: string): string {
  return `/etc/bulkhead/network/${name}`;
}

/** Name of a service's network namespace, and of the link's end on the host. The kernel allows 15 characters. */
export function linkName(service: string): string {
  const name = `bh-${service}`;
  return name.length <= 15 ? name : `bh-${digest(service).slice(0, 8)}`;
}

/** Path of a network namespace. */
export function namespacePath(service: string): string {
  return `/run/netns/${linkName(service)}`;
}

/** Name of a network's table in the host's rules. */
export function tableName(network: string): string {
  return `bulkhead-${network}`;
}

/**
 * The interface group of a network's links on the host. The rules match links by it, including links that the rules do
 * not list yet, or no longer.
 */
export function linkGroup(network: string): number {
  return 0x40000000 | (Number.parseInt(digest(network).slice(0, 8), 16) & 0x3fffffff);
}

/** Gateway of a virtual machine's guest: the namespace that its program runs in. */
export const GUEST_GATEWAY = { address: '169.254.1.2', address6: 'fe80::2' } as const;

/** Interface through which a namespace reaches the guest of a virtual machine. */
export const GUEST_TAP = 'tap0';

/** MAC addresses of the ends of a service's link. */
interface HardwareAddresses {
  readonly host: string;
  readonly inside: string;
  /** MAC address of a virtual machine's guest. */
  readonly guest: string;
}

/**
 * MAC addresses of the ends of a link. udevd(8) would assign another address to a link without one, after the link is
 * created.
 */
export function hardwareAddresses(link: string): HardwareAddresses {
  const last = digest(link).slice(0, 10).match(/../g)?.join(':');
  return { host: `02:${last}`, inside: `06:${last}`, guest: `0a:${last}` };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

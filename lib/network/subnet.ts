import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { canonical } from '../containment/addresses';

/** A range of addresses in CIDR notation. */
export interface Subnet {
  /** Canonical form: `10.77.0.0/16`. */
  readonly text: string;
  readonly version: 4 | 6;
  /** Its first address. */
  readonly first: bigint;
  /** Length of the prefix. */
  readonly length: number;
}

const BITS = { 4: 32, 6: 128 } as const;

/** @returns undefined for anything except the first address of a range with its prefix length */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', digits = '', ...rest] = text.split('/');
  const first = parseAddress(address);
  if (first === undefined || rest.length > 0 || !/^\d{1,3}$/.test(digits)) return undefined;
  const version = isIP(address) as 4 | 6;
  const length = Number(digits);
  if (length > BITS[version] || first % sizeOf({ version, length }) !== 0n) return undefined;
  return { text: `${formatAddress(first, version)}/${length}`, version, first, length };
}

/** Number of addresses in a range. */
export function sizeOf({ version, length }: Pick<Subnet, 'version' | 'length'>): bigint {
  return 1n << BigInt(BITS[version] - length);
}

/** @returns undefined for anything except an address, and for an address with a zone (`fe80::1%eth0`) */
export function parseAddress(text: string): bigint | undefined {
  if (isIP(text) === 4) return text.split('.').reduce((number, part) => (number << 8n) | BigInt(part), 0n);
  if (isIP(text) !== 6 || text.includes('%')) return undefined;
  const [, head = text, quad] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  const low =
    quad === undefined ? '' : `${hex(parseAddress(quad) as bigint, 16n)}:${hex(parseAddress(quad) as bigint, 0n)}`;
  const [left = '', right] = `${head}${low}`.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const zeros = Array(8 - groups(left).length - groups(right).length).fill('0');
  return [...groups(left), ...(right === undefined ? [] : zeros), ...groups(right)].reduce(
    (number, group) => (number << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

const hex = (number: bigint, shift: bigint) => ((number >> shift) & 0xffffn).toString(16);

/** An address as text, IPv6 in the form of RFC 5952. */
export function formatAddress(address: bigint, version: 4 | 6): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.');
  const groups = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => hex(address, shift)).join(':');
  return canonical(groups);
}

/** Default pool for the IPv4 addresses of Bulkhead's networks: 10.64.0.0/12, as 64 ranges of a /18. */
const POOL = { first: 0x0a400000n, ranges: 64n, size: 1n << 14n } as const;

/** Ranges for a network, which follow from its names: a /18 of 10.64.0.0/12, and a /64 of unique local addresses. */
export function subnetsFor(...names: readonly string[]): { readonly subnet: Subnet; readonly subnet6: Subnet } {
  const digest = createHash('sha256').update(JSON.stringify(names)).digest();
  const range = BigInt(digest.readUInt8(0)) % POOL.ranges;
  const first = POOL.first + range * POOL.size;
  const first6 = (0xfdn << 120n) | (BigInt(`0x${digest.subarray(1, 8).toString('hex')}`) << 64n);
  return {
    subnet: parseSubnet(`${formatAddress(first, 4)}/18`) as Subnet,
    subnet6: parseSubnet(`${formatAddress(first6, 6)}/64`) as Subnet,
  };
}

/** The IPv6 address for an IPv4 address, which forms its last 32 bits. */
export function address6Of(address: string, { first }: Subnet): string {
  return formatAddress(first | (parseAddress(address) ?? 0n), 6);
}

import { isKind, KINDS, type KindRow, parseObjectKey } from '../manifest/kinds';
import type { Manifest } from '../manifest/manifest';
import { canonical, familyOf, type Network, overlap, parseNetwork } from './addresses';

/**
 * Something that only one service of a host can have. As text, a claim is its kind and a value:
 *
 * - `tcp 127.0.0.1:8080`, `udp [::1]:53`, `tcp 0.0.0.0:8000-8010`: ports of an address. `0.0.0.0` is every address of
 *   IPv4, `[::]` every one of IPv6, and `*` both: one socket that listens for either.
 * - `address 10.77.1.2` and `subnet 10.89.0.0/24`: addresses that the host routes to the service.
 * - `uids 524288-589823`: user IDs of the host that nobody else is.
 * - any other kind, such as `name web`, `file /etc/x` or `interface br0`: a text that only one of them can have.
 */
export type Claim = PortClaim | NetworkClaim | UidsClaim | TextClaim;

export interface PortClaim {
  readonly type: 'port';
  readonly protocol: 'tcp' | 'udp';
  /** `*`, or an address without brackets. */
  readonly address: string;
  readonly port: string;
  /** Undefined for a port that only Terraform knows. */
  readonly range: Range | undefined;
}

export interface NetworkClaim {
  readonly type: 'network';
  readonly network: Network;
}

export interface UidsClaim {
  readonly type: 'uids';
  readonly range: Range;
}

export interface TextClaim {
  readonly type: 'text';
  readonly text: string;
}

/** Numbers from the first to the last. */
export type Range = readonly [first: number, last: number];

/** Parses a claim. A claim whose value is invalid for its kind is compared as text. */
export function parseClaim(text: string): Claim {
  const [kind, value] = cut(text, text.indexOf(' '));
  if (kind === 'tcp' || kind === 'udp') return parsePort(kind, value);
  if (kind === 'address' || kind === 'subnet') {
    const network = parseNetwork(value);
    if (network) return { type: 'network', network };
  }
  const range = kind === 'uids' ? parseRange(value) : undefined;
  return range ? { type: 'uids', range } : { type: 'text', text };
}

function parsePort(protocol: PortClaim['protocol'], value: string): PortClaim {
  const [ip, port] = cut(value, value.startsWith('[') ? value.indexOf(']:') + 1 : value.indexOf(':'));
  return { type: 'port', protocol, address: canonical(ip.replace(/^\[|\]$/g, '')), port, range: parseRange(port) };
}

function parseRange(text: string): Range | undefined {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return first === undefined ? undefined : [Number(first), Number(last ?? first)];
}

/** The text before and after a character. */
function cut(text: string, at: number): [string, string] {
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Whether a host can't satisfy both claims. */
export function claimsCollide(a: Claim, b: Claim): boolean {
  switch (a.type) {
    case 'port':
      return b.type === 'port' && a.protocol === b.protocol && samePort(a, b) && sameAddress(a.address, b.address);
    case 'network':
      return b.type === 'network' && overlap(a.network, b.network);
    case 'uids':
      return b.type === 'uids' && meet(a.range, b.range);
    case 'text':
      return b.type === 'text' && a.text === b.text;
  }
}

function samePort(a: PortClaim, b: PortClaim): boolean {
  return a.range && b.range ? meet(a.range, b.range) : a.port === b.port;
}

function sameAddress(a: string, b: string): boolean {
  return a === b || covers(a, b) || covers(b, a);
}

function covers(wildcard: string, address: string): boolean {
  if (wildcard === '*') return true;
  if (wildcard === '0.0.0.0') return familyOf(address) === 'ipv4';
  return wildcard === '::' && familyOf(address) === 'ipv6';
}

function meet([a, b]: Range, [c, d]: Range): boolean {
  return a <= d && c <= b;
}

/** Whether it is the claim of a port in `ports`. */
export function isPortClaim(text: string): boolean {
  return /^(?:tcp|udp) /.test(text);
}

/** A claim in a sentence: `the file /etc/x`. */
export function describeClaim(claim: string): string {
  const [kind, text] = cut(claim, claim.indexOf(' '));
  if (isPortClaim(claim)) return claim;
  return kind === 'name' ? `the name "${text}"` : `the ${isKind(kind) ? KINDS[kind].noun : kind} ${text}`;
}

/** All claims of a service: the names of its parts on the host, and the further claims in its manifest. */
export function claimsOf(manifest: Manifest): string[] {
  const { name, files, units, objects, user, claims = [] } = manifest;
  const of = user === undefined ? '' : ` of ${user}`;
  return [
    `name ${name}`,
    ...Object.keys(files).map((path) => `file ${path}`),
    ...Object.keys(units).map((unit) => `unit ${unit}${of}`),
    ...Object.keys(objects).flatMap((key) => objectClaim(key, of) ?? []),
    ...claims,
  ];
}

function objectClaim(key: string, of: string): string | undefined {
  const parsed = parseObjectKey(key);
  if (!parsed) return undefined;
  const { scope, shared }: KindRow = KINDS[parsed.kind];
  return shared ? undefined : `${parsed.kind} ${parsed.name}${scope === 'user' ? of : ''}`;
}

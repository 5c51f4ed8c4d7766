import { isIP } from 'node:net';
import { isPort } from './quantities';
import { splitTuple } from './tuple';

/** Whether values made of several parts are well-formed, for the kinds of the catalog that have such. */

const FIELD = '(?:[^",\\r\\n]*|"(?:[^"\\r\\n]|"")*")';
const FIELDS = new RegExp(`^${FIELD}(?:,${FIELD})*$`);
const WITHOUT_SOURCE: ReadonlySet<string | undefined> = new Set(['tmpfs', 'ramfs', 'devpts']);

/** Fields as in a CSV file. Without a source, the generator of podman 5.4 fails for all files of the host. */
export function isMount(text: string): boolean {
  if (!FIELDS.test(text)) return false;
  const fields = text.match(new RegExp(FIELD, 'g'))?.map((field) => field.replace(/^"|"$/g, '')) ?? [];
  const fieldOf = (name: string) => fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1);
  const type = fieldOf('type');
  return Boolean(type && (WITHOUT_SOURCE.has(type) || fieldOf('source') || fieldOf('src')));
}

/** A path, or the name of an abstract socket. */
export function isUnixAddress(text: string): boolean {
  return /^[/@]./s.test(text) && Buffer.byteLength(text) <= 107;
}

/** A port alone or behind an address, a path, a name, or a socket of a virtual machine. */
export function isSocketAddress(text: string): boolean {
  if (/^[/@]/.test(text)) return isUnixAddress(text);
  if (/^vsock(?:-stream|-dgram|-seqpacket)?:\d*:\d+$/.test(text)) return true;
  const [, six, four, number = text] = /^(?:\[(.*)\]|([\d.]+)):(\w+)(?:%[!-~]+)?$/.exec(text) ?? [];
  if (six !== undefined && isIP(six) !== 6) return false;
  if (four !== undefined && (isIP(four) !== 4 || text.includes('%'))) return false;
  return isPort(number);
}

/** Two paths or more, of which a `+` in front is about the machine's root. An empty one is a temporary directory. */
export function isOverlay(text: string): boolean {
  const paths = splitTuple(text);
  return paths.length >= 2 && paths.every((path, index) => /^\+?\//.test(path) || (path === '' && index > 0));
}

/** A size as podman reads it: a number, which may have decimals, and a unit to base 1024 in any case. */
export function isPodmanSize(text: string): boolean {
  return /^\d+(?:\.\d+)? ?(?:[kmgtp]i?b?|b)?$/i.test(text);
}

/** `[tcp:|udp:]hostPort[:containerPort]` */
export function isExposedPort(text: string): boolean {
  const [, ports = ''] = /^(?:(?:tcp|udp):)?(.*)$/s.exec(text) ?? [];
  const parts = ports.split(':');
  return parts.length <= 2 && parts.every(isPort);
}

/** `name[;name...]:address` */
export function isHostMapping(text: string): boolean {
  const colon = text.indexOf(':');
  const address = text.slice(colon + 1).replace(/^\[(.*)\]$/, '$1');
  return colon > 0 && (address === 'host-gateway' || isIP(address) !== 0);
}

import { isIP } from 'node:net';
import { Token, Tokenization } from './cdktf';
import { fail } from './problem';

export type Protocol = 'tcp' | 'udp';

type PortNumbers = `${number}` | `${number}:${number}`;
type Address = `${number}.${number}.${number}.${number}` | `[${string}]`;

/**
 * A port that others reach the service on, in the short forms of compose: `8080`, `'8080:80'` (port 8080 of the host is
 * port 80 of the service), `'127.0.0.1:8080:80/udp'`. A single number stands for both sides.
 */
export type PortShort = number | `${'' | `${Address}:`}${PortNumbers}${'' | `/${Protocol}`}`;

/** The same as an object. A number may be a token here. */
export interface PortMapping {
  /** Port of the service, 1 to 65535. */
  readonly container: number;
  /**
   * Port of the host, 1 to 65535.
   * @default - the same as `container`
   */
  readonly host?: number;
  /**
   * Address of the host to listen on; IPv6 without brackets.
   * @default - all addresses
   */
  readonly ip?: string;
  /** @default 'tcp' */
  readonly protocol?: Protocol;
}

export type PortProp = PortShort | PortMapping;

/** A port that a service takes on its host. */
export interface Port {
  readonly ip: string | undefined;
  /** As text, since it may be a token. */
  readonly host: string;
  readonly container: string;
  readonly protocol: Protocol;
  /** The prop that says so, for messages. */
  readonly at: string;
}

const SHORT = /^(?:(?<ip>[\d.]*\.[\d.]*|\[[^\]]*\]):)?(?:(?<host>\d*):)?(?<container>\d*)(?:\/(?<protocol>\w*))?$/;
const EXPECTED = '"[ip:][hostPort:]containerPort[/tcp|udp]"';

/** @throws Error for a port that is none. */
export function parsePort(value: PortProp, at: string): Port {
  const reject = (problem: string, expected: string) => fail({ action: 'publish', value, problem, expected, at });
  const port = (side: 'host' | 'container', given: unknown): string => {
    if (typeof given === 'number' && Token.isUnresolved(given)) return Tokenization.stringifyNumber(given);
    const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
    if (number === '' || number === undefined) reject(`${side} port is missing`, EXPECTED);
    if (!Number.isInteger(number) || Number(number) < 1 || Number(number) > 65535)
      reject(`${side} port is out of range`, 'an integer from 1 to 65535');
    return String(number);
  };
  const given =
    typeof value === 'object' && value !== null ? value : readShort(value, () => reject('is no port', EXPECTED));
  const { ip, protocol = 'tcp' } = given as PortMapping;
  if (ip !== undefined && !Token.isUnresolved(ip) && isIP(ip) === 0)
    reject(`"${ip}" is no IP address`, 'one such as 127.0.0.1 or ::1');
  if (protocol !== 'tcp' && protocol !== 'udp') reject(`protocol "${protocol}" is unknown`, 'tcp or udp');
  const container = port('container', given.container);
  return { ip, host: given.host === undefined ? container : port('host', given.host), container, protocol, at };
}

interface Given {
  readonly ip?: string | undefined;
  readonly host?: unknown;
  readonly container?: unknown;
  readonly protocol?: string | undefined;
}

function readShort(value: unknown, reject: () => never): Given {
  if (typeof value === 'number') return { container: value };
  const { ip, host, container, protocol } = SHORT.exec(String(value))?.groups ?? reject();
  return { ip: ip?.replace(/^\[|\]$/g, ''), host, container, protocol };
}

/** Whether two ports can't be taken on one host at the same time. */
export function portsCollide(a: Port, b: Port): boolean {
  if (a.protocol !== b.protocol || a.host !== b.host) return false;
  return a.ip === b.ip || isWildcard(a.ip) || isWildcard(b.ip);
}

function isWildcard(ip: string | undefined): boolean {
  return ip === undefined || ip === '0.0.0.0' || ip === '::';
}

/** The host's side as a person writes it: `tcp 127.0.0.1:8080`. */
export function showPort({ protocol, ip = '0.0.0.0', host }: Port): string {
  return `${protocol} ${listenAddress(ip, host)}`;
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function listenAddress(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

import { isIP } from 'node:net';
import { parseSubnet } from '../../network/index';
import { Token, Tokenization } from '../cdktf';
import { fail } from '../problem';

export type Protocol = 'tcp' | 'udp';

type Range = `${number}-${number}`;
type PortNumbers = `${number}` | `${number}:${number}` | Range | `${Range}:${Range}`;
type Address = `${number}.${number}.${number}.${number}` | `[${string}]`;

/**
 * A port on which others reach the service, in the short form of compose. `8080` publishes port 8080 on both sides.
 * `'8080:80'` publishes port 80 of the service as port 8080 of the host. `'127.0.0.1:8080:80/udp'` adds an address and
 * a protocol. A range such as `'6000-6010/udp'` or `'8000-8010:9000-9010'` publishes up to 1000 ports.
 */
export type PortShort = number | `${'' | `${Address}:`}${PortNumbers}${'' | `/${Protocol}`}`;

/** A published port as an object. Its numbers may be Terraform tokens. */
export interface PortMapping {
  /** Port of the service, from 1 to 65535. */
  readonly container: number;
  /**
   * Port of the host, from 1 to 65535.
   * @default - the same as `container`
   */
  readonly host?: number;
  /**
   * Address of the host to listen on. Write IPv6 without brackets. `0.0.0.0` means every IPv4 address, `::` means every
   * IPv6 address and no IPv4 address. So one service can use a port on `0.0.0.0`, and another service the same port on
   * `::`.
   * @default - every IPv4 and IPv6 address. Podman before version 6 listens on IPv4 only, unless it is rootless; add
   * `'[::]:8080:80'` for IPv6.
   */
  readonly ip?: string;
  /**
   * Transport protocol of the port.
   * @default 'tcp'
   */
  readonly protocol?: Protocol;
  /**
   * Networks that may reach the port, in CIDR notation, such as `['10.0.0.0/8', 'fd00::/8']`. The host itself can
   * always reach it. Only for services on a {@link Network}.
   * @default - every network
   */
  readonly from?: readonly string[];
}

export type PortProp = PortShort | PortMapping;

/** A port of the host that a service uses. */
export interface Port {
  readonly ip: string | undefined;
  /** Text, since the number may be a token. */
  readonly host: string;
  readonly container: string;
  readonly protocol: Protocol;
  /** Networks that may reach the port, in canonical form. Undefined: every network. */
  readonly from?: readonly string[];
  /** The prop that publishes the port, for messages. */
  readonly at: string;
}

const SHORT = /^(?:(?<ip>[\d.]*\.[\d.]*|\[[^\]]*\]):)?(?:(?<host>\d*):)?(?<container>\d*)(?:\/(?<protocol>\w*))?$/;
const EXPECTED = '"[ip:][hostPort:]containerPort[/tcp|udp]"';

/** Parses the `ports` prop. @param check What a runtime requires of each port. @throws Error */
export function parsePorts(
  ports: readonly PortProp[] = [],
  at: string,
  check: (port: Port, given: PortProp) => Port = (port) => port,
): Port[] {
  return ports.flatMap((given, index) => {
    const place = `${at}.ports[${index}]`;
    return portsOfRange(given, place).map((port) => check(parsePort(port, place), port));
  });
}

const RANGES =
  /^(?<ip>(?:[\d.]*\.[\d.]*|\[[^\]]*\]):)?(?<first>\d+)-(?<last>\d+)(?::(?<to>\d+)-(?<end>\d+))?(?<protocol>\/\w*)?$/;
const MOST_PORTS = 1000;

/** The single ports of a range. Any other value is returned unchanged. @throws Error */
function portsOfRange(value: PortProp, at: string): PortProp[] {
  const groups = typeof value === 'string' ? RANGES.exec(value)?.groups : undefined;
  if (!groups) return [value];
  const { ip = '', protocol = '' } = groups;
  const [first, last] = [Number(groups.first), Number(groups.last)];
  const [to, end] = [Number(groups.to ?? first), Number(groups.end ?? last)];
  const reject = (problem: string, expected: string) => fail({ action: 'publish', value, problem, expected, at });
  if (last < first) reject('the range ends before it begins', `"${last}-${first}"`);
  if (last - first >= MOST_PORTS) reject(`the range has ${last - first + 1} ports`, `at most ${MOST_PORTS}`);
  if (end - to !== last - first) reject('the two ranges differ in length', 'the same number of ports on both sides');
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => index);
  return numbers.map((index) => `${ip}${first + index}:${to + index}${protocol}` as PortShort);
}

/** @throws Error for an invalid port */
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
    typeof value === 'object' && value !== null ? value : readShort(value, () => reject('is not a port', EXPECTED));
  const { ip, protocol = 'tcp' } = given as PortMapping;
  if (ip !== undefined && !Token.isUnresolved(ip) && isIP(ip) === 0)
    reject(`"${ip}" is not an IP address`, 'an address such as 127.0.0.1 or ::1');
  if (protocol !== 'tcp' && protocol !== 'udp') reject(`protocol "${protocol}" is unknown`, 'tcp or udp');
  const container = port('container', given.container);
  const host = given.host === undefined ? container : port('host', given.host);
  const from = sourcesOf((given as PortMapping).from, at);
  return { ip, host, container, protocol, ...(from ? { from } : {}), at };
}

function sourcesOf(from: readonly string[] | undefined, at: string): string[] | undefined {
  return from?.map((source, index) => {
    const subnet = parseSubnet(String(source));
    if (subnet) return subnet.text;
    return fail({
      action: 'be reached from',
      value: source,
      problem: 'is not a network',
      expected: 'CIDR notation such as "10.0.0.0/8"',
      at: `${at}.from[${index}]`,
    });
  });
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

/** A port as a claim. @param anywhere The address to claim when the port has none. */
export function portClaim({ protocol, ip, host }: Port, anywhere: '*' | '0.0.0.0'): string {
  return `${protocol} ${listenAddress(ip ?? anywhere, host)}`;
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function listenAddress(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

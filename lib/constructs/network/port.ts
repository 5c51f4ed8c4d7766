import type { PortRange } from '../../network/index';
import { Token, Tokenization } from '../cdktf';
import { fail } from '../problem';
import type { Protocol } from '../props/ports';

/**
 * A port on which a service listens without publishing it on the host, in the short form of compose: `5432` or
 * `'53/udp'`.
 */
export type ExposedPort = number | `${number}` | `${number}/${Protocol}` | Port;

/** One port, or a range of ports, that connections may be opened to. Numbers are 1 to 65535. */
export class Port {
  /** One TCP port. @throws Error for a number out of range */
  static tcp(port: number): Port {
    return new Port(rangeOf('tcp', port, port));
  }

  /** One UDP port. @throws Error for a number out of range */
  static udp(port: number): Port {
    return new Port(rangeOf('udp', port, port));
  }

  /**
   * A range of TCP ports, such as `Port.tcpRange(8000, 8010)`.
   * @param last Last port of the range, which is included.
   * @throws Error for a number out of range, or when `first` is higher than `last`
   */
  static tcpRange(first: number, last: number): Port {
    return new Port(rangeOf('tcp', first, last));
  }

  /**
   * A range of UDP ports, such as `Port.udpRange(6000, 6010)`.
   * @param last Last port of the range, which is included.
   * @throws Error for a number out of range, or when `first` is higher than `last`
   */
  static udpRange(first: number, last: number): Port {
    return new Port(rangeOf('udp', first, last));
  }

  private constructor(
    /** @internal */
    readonly range: PortRange,
  ) {}
}

/** Parses the `expose` prop. @throws Error */
export function parseExposed(ports: readonly ExposedPort[] = [], path: string): PortRange[] {
  return ports.map((port, index) => {
    if (port instanceof Port) return port.range;
    const at = `${path}.expose[${index}]`;
    if (typeof port === 'number') return rangeOf('tcp', port, port, at);
    const { number, protocol = 'tcp' } = /^(?<number>\d+)(?:\/(?<protocol>tcp|udp))?$/.exec(String(port))?.groups ?? {};
    if (number === undefined)
      return fail({
        action: 'expose',
        value: port,
        problem: 'is not a port',
        expected: 'a port such as 5432 or "53/udp"',
        at,
      });
    return rangeOf(protocol as Protocol, Number(number), Number(number), at);
  });
}

function rangeOf(protocol: Protocol, first: number, last: number, at = `Port.${protocol}`): PortRange {
  for (const port of [first, last]) {
    if (Token.isUnresolved(port) || (Number.isInteger(port) && port >= 1 && port <= 65535)) continue;
    fail({ action: 'open port', value: port, problem: 'is out of range', expected: 'an integer from 1 to 65535', at });
  }
  if (first > last && !Token.isUnresolved(first) && !Token.isUnresolved(last))
    fail({
      action: 'open ports',
      value: `${first}-${last}`,
      problem: 'the first is higher than the last',
      expected: 'the lower port first',
      at,
    });
  return { protocol, first: textOf(first), last: textOf(last) };
}

function textOf(port: number): string {
  return Token.isUnresolved(port) ? Tokenization.stringifyNumber(port) : String(port);
}

import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { fail } from './problem';

/** The IPv4 addresses of one host's machines. */
export class AddressPool {
  private readonly first: number;
  private readonly size: number;
  private readonly taken = new Map<string, string>();

  /** @throws Error for a subnet that is none. */
  constructor(
    readonly subnet: string,
    at: string,
  ) {
    const [address = '', length = ''] = String(subnet).split('/');
    const bits = Number(length);
    const valid = isIPv4(address) && /^\d+$/.test(length) && bits >= 8 && bits <= 29;
    this.size = 2 ** (32 - bits);
    this.first = valid ? toNumber(address) : 0;
    if (!valid || this.first % this.size !== 0)
      fail({
        action: 'use subnet',
        value: subnet,
        problem: 'is no IPv4 network',
        expected: 'its first address and a length of 8 to 29, such as "10.77.0.0/16"',
        at,
      });
  }

  /**
   * An address for a machine: always the same for its name, or the next free one. A machine declared later never moves
   * one declared before.
   * @throws Error when none is left.
   */
  assign(name: string, at: string): string {
    const usable = this.size - 2;
    const start = createHash('sha256').update(name).digest().readUInt32BE() % usable;
    for (let step = 0; step < usable; step++) {
      const address = toText(this.first + 1 + ((start + step) % usable));
      if (this.taken.has(address)) continue;
      this.taken.set(address, at);
      return address;
    }
    return fail({
      action: 'give an address to',
      value: name,
      problem: `all ${usable} of ${this.subnet} are taken`,
      expected: 'a larger subnet of the Host',
      at,
    });
  }

  /** Takes an address that the user chose. @throws Error when it is taken or not of the subnet. */
  claim(address: string, at: string): string {
    const reject = (problem: string, expected: string) =>
      fail({ action: 'use address', value: address, problem, expected, at });
    const offset = isIPv4(address) ? toNumber(address) - this.first : -1;
    if (offset < 1 || offset > this.size - 2) reject('is none of the host', `one inside of ${this.subnet}`);
    const owner = this.taken.get(address);
    if (owner !== undefined) reject(`is taken by ${owner}`, 'a free one');
    this.taken.set(address, at);
    return address;
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

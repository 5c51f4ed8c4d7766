import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { formatAddress, parseAddress, type Subnet, sizeOf } from '../../network/index';
import { fail } from '../problem';

/** The address that a service gets. */
export interface Assigned {
  readonly address: string;
  /**
   * The service that has the preferred address of this service. Undefined when this service has its preferred address.
   */
  readonly insteadOf?: string;
}

/** The IPv4 addresses of one network. */
export class AddressPool {
  private readonly usable: number;
  private readonly taken = new Map<string, string>();

  constructor(private readonly subnet: Subnet) {
    this.usable = Number(sizeOf(subnet)) - 2;
  }

  /**
   * Assigns an address to a service. The address follows from the name, or is the next free one. A service declared
   * later never changes the address of a service declared before.
   * @throws Error when all addresses are taken
   */
  assign(name: string, at: string): Assigned {
    const start = createHash('sha256').update(name).digest().readUInt32BE() % this.usable;
    for (let step = 0; step < this.usable; step++) {
      const address = this.at(1 + ((start + step) % this.usable));
      if (this.taken.has(address)) continue;
      this.taken.set(address, at);
      const insteadOf = step === 0 ? undefined : this.taken.get(this.at(1 + start));
      return insteadOf === undefined ? { address } : { address, insteadOf };
    }
    return fail({
      action: 'give an address to',
      value: name,
      problem: `all ${this.usable} addresses of ${this.subnet.text} are taken`,
      expected: 'a larger subnet of the Network',
      at,
    });
  }

  /** Assigns an address that the user chose. @throws Error when the address is taken, or outside of the subnet */
  claim(address: string, at: string): Assigned {
    const reject = (problem: string, expected: string) =>
      fail({ action: 'use address', value: address, problem, expected, at });
    const number = isIPv4(address) ? parseAddress(address) : undefined;
    const offset = number === undefined ? -1n : number - this.subnet.first;
    if (offset < 1n || offset > BigInt(this.usable))
      reject('is not in the network', `an address in ${this.subnet.text}`);
    const owner = this.taken.get(address);
    if (owner !== undefined) reject(`is taken by ${owner}`, 'a free address');
    this.taken.set(address, at);
    return { address };
  }

  private at(offset: number): string {
    return formatAddress(this.subnet.first + BigInt(offset), 4);
  }
}

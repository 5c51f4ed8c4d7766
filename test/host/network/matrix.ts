import { type Host, Network } from 'bulkhead';
import { lab } from '../host';
import { type Props, RUNTIMES } from './runtimes';

const PROTOCOLS = ['TCP4', 'TCP6', 'UDP4', 'UDP6'] as const;

/** A service of each runtime on one network. Of each two, one may call the other, or both may. */
export class Matrix {
  readonly names: readonly string[];
  private readonly addresses = new Map<string, Readonly<Record<string, string>>>();

  /** @param prefix What names begin with. */
  constructor(
    private readonly prefix: string,
    runtimes: readonly string[] = Object.keys(RUNTIMES),
  ) {
    this.names = runtimes.map((runtime) => `${prefix}-${runtime}`);
  }

  /** @param props Of the first service. */
  readonly build = (host: Host, props: Omit<Props, 'network'> = {}): void => {
    const network = new Network(host, `${this.prefix}-net`);
    const services = new Map(
      this.names.map((name, index) => {
        const create = this.runtimeOf(name).create;
        return [name, create(host, name, index === 0 ? { ...props, network } : { network })] as const;
      }),
    );
    for (const [name, service] of services) {
      service.connections.reach(this.allowed(name).flatMap((other) => services.get(other) ?? []));
      const { address, address6 } = service.connections.member();
      this.addresses.set(name, { 4: address, 6: address6 });
    }
  };

  /** Services that a service may call. */
  allowed(name: string): string[] {
    return this.others(name).slice(0, Math.ceil((this.names.length - 1) / 2));
  }

  /** Calls whom a service may call, by name, over TCP and UDP, IPv4 and IPv6. */
  async expectAnswers(name: string): Promise<void> {
    const called = this.allowed(name);
    const answers = called.flatMap((other) => PROTOCOLS.map((protocol) => `${protocol}:${other}:7000 ${other}`));
    expect(await this.calls(name, called, 'name')).toEqual(answers.sort());
  }

  /** Calls all others, by address. */
  async expectRefusals(name: string): Promise<void> {
    const refused = this.others(name).filter((other) => !this.allowed(name).includes(other));
    const found = await this.calls(name, refused, 'address');
    expect(found).toHaveLength(refused.length * PROTOCOLS.length);
    expect(found.filter((line) => line.includes(` ${this.prefix}-`))).toEqual([]);
  }

  /** Calls of each service to each other one. */
  async expectItHolds(): Promise<void> {
    await Promise.all(this.names.flatMap((name) => [this.expectAnswers(name), this.expectRefusals(name)]));
  }

  /** Each service but one, those that come after it in the list first. */
  private others(name: string): string[] {
    const index = this.names.indexOf(name);
    return [...this.names.slice(index + 1), ...this.names.slice(0, index)];
  }

  private runtimeOf(name: string): (typeof RUNTIMES)[string] {
    return RUNTIMES[name.slice(this.prefix.length + 1)] as (typeof RUNTIMES)[string];
  }

  /** What a service gets that calls each of these. */
  private async calls(from: string, called: readonly string[], by: 'name' | 'address'): Promise<string[]> {
    const targets = called.flatMap((name) =>
      PROTOCOLS.map((protocol) => {
        const address = this.addresses.get(name)?.[protocol.slice(3)];
        const host = by === 'name' ? name : protocol.endsWith('6') ? `[${address}]` : address;
        return `${protocol}:${host}:7000`;
      }),
    );
    // A datagram may be lost on a busy machine.
    const { pid, inside = 'inside() { nsenter -t "$pid" -m -n "$@"; }' } = this.runtimeOf(from);
    const script = `
      pid=$(${pid}) tries=$2; shift 2
      ${inside}
      call() {
        for try in $(seq "$tries"); do
          answer=$(echo | inside timeout 5 /usr/bin/socat -t 1 -T 1 - "$1" 2>/dev/null || :)
          [ -z "$answer" ] || break
        done
        echo "$1 $answer"
      }
      for target; do call "$target" & done; wait`;
    return (await lab.sh(script, from, by === 'name' ? '5' : '1', ...targets)).trim().split('\n').sort();
  }
}

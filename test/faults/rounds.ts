import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../../lib/transport';
import { inventoryOf, shell } from '../host/inventory';
import type { Side } from './classes';
import type { Gate } from './gate';
import type { Step } from './steps';
import type { Target } from './target';

/** Where an apply is killed: before one of its commands, of which the first is 1, or after a share of its time. */
export type Aim = { readonly command: number } | { readonly share: number };

/** The kills of one apply after the other, and how the first apply that was not killed went. */
export interface Round {
  /** Before which steps. Fewer than aimed at when an apply ended before it could be killed. */
  readonly kills: readonly Step[];
  /** What was wrong in the end. @default - the apply converged */
  readonly problem?: string;
}

/** Lists temporary files of an apply, which are orphaned when nobody removes them. */
const LEFTOVERS = `
[ ! -d /var/lib/bulkhead ] || ls -A /var/lib/bulkhead
find /run /tmp /var/tmp /home /root /etc /srv /var/lib/machines -xdev -maxdepth 6 \\
  \\( -name 'sequence.*' -o -name '*bulkhead-*' -o -path '*/.cache/bulkhead' \\) -not -path '/run/systemd/*' 2>/dev/null | sort
`;

/** Kills applies of a target on one host, and checks that the next apply converges. */
export class Rounds {
  private side: Side = 'b';
  /** What is on the host when it matches a side. */
  private readonly matching = new Map<Side, string>();
  private commands = 0;
  private durationMs = 0;
  private nothing = '';

  private constructor(
    private readonly target: Target,
    private readonly gate: Gate,
    private readonly host: Transport,
  ) {}

  /** Applies both sides without a kill, to know what the host is then like. @throws Error when that fails */
  static async begin(target: Target, gate: Gate, host: Transport): Promise<Rounds> {
    await target.prepare();
    const rounds = new Rounds(target, gate, host);
    rounds.nothing = await rounds.look();
    // The first time there is nothing yet that leaves.
    for (const side of ['a', 'b'] as const) await rounds.apply(side);
    for (const side of ['a', 'b'] as const) {
      const begun = Date.now();
      await rounds.apply(side);
      rounds.durationMs = Date.now() - begun;
      rounds.commands = Math.max(rounds.commands, (await gate.steps()).length);
      rounds.matching.set(side, await rounds.look());
    }
    return rounds;
  }

  /** How many commands an apply has, at most. */
  get length(): number {
    return this.commands;
  }

  /** Applies the other side, killed at each of these points in turn, and then not. */
  async round(aims: readonly Aim[]): Promise<Round> {
    const side = this.side === 'a' ? 'b' : 'a';
    const kills: Step[] = [];
    for (const aim of aims) {
      const hit = 'command' in aim ? await this.killBefore(side, aim.command) : await this.killAfter(side, aim.share);
      if (hit === undefined) break;
      kills.push(hit);
    }
    const problem = await this.converge(side);
    return { kills, ...(problem && { problem }) };
  }

  /** Brings the host back to where rounds can go on. @throws Error when it can't be */
  async recover(): Promise<void> {
    await this.target.destroy();
    await this.apply('a');
    await this.apply('b');
    const left = differenceOf(this.matching.get('b') ?? '', await this.look());
    if (left) throw new Error(`Cannot go on: although all was destroyed and made again, ${left}`);
  }

  /** Destroys all, and returns what is left, if anything. */
  async end(): Promise<string> {
    await this.target.destroy();
    return differenceOf(this.nothing, await this.look());
  }

  private async killBefore(side: Side, command: number): Promise<Step | undefined> {
    await this.gate.aimAt(command);
    const reached = this.gate.reached();
    const apply = this.target.apply(side);
    const first = await Promise.race([reached.then(() => 'reached'), apply.ended.then(() => 'ended')]);
    if (first === 'ended') await this.gate.giveUp();
    await apply.kill();
    const steps = (await reached) ? await this.gate.steps() : [];
    const step = steps[command - 1];
    return step && `${command}: ${step}`;
  }

  private async killAfter(side: Side, share: number): Promise<Step | undefined> {
    const apply = this.target.apply(side);
    const left = sleep(share * this.durationMs).then(() => 'time');
    const first = await Promise.race([left, apply.ended.then(() => 'ended')]);
    await apply.kill();
    return first === 'time' ? 'a random time' : undefined;
  }

  /** Applies a side and returns what does not match then, if anything. */
  private async converge(side: Side): Promise<string> {
    try {
      await this.apply(side);
      const [differences, found] = await Promise.all([this.target.differences(side), this.look()]);
      if (differences) return `the plan is not empty: ${differences}`;
      return this.target.memory(servicesIn(found)) || differenceOf(this.matching.get(side) ?? '', found);
    } catch (error) {
      return (error as Error).message;
    }
  }

  private async apply(side: Side): Promise<void> {
    await this.gate.aimAt(0);
    const { code, output } = await this.target.apply(side).ended;
    if (code !== 0) throw new Error(`the apply fails: ${output}`);
    this.side = side;
  }

  private async look(): Promise<string> {
    const [inventory, leftovers] = await Promise.all([inventoryOf(this.host), shell(this.host, LEFTOVERS)]);
    // Containers, their namespaces, what was built, users and versions have another identifier each time.
    return (inventory + leftovers)
      .replace(/[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
      .replace(/(\/generations\/[^/\n]+)\/\d+/g, '$1/NUMBER')
      .replace(/:\d+:\d+:Services of Bulkhead/g, ':ID:ID:');
  }
}

/** Who has a record on a host, from what {@link Rounds} finds there. */
function servicesIn(found: string): string[] {
  return [...found.matchAll(/ \/var\/lib\/bulkhead\/services\/(.+)$/gm)].map(([, name = '']) => name);
}

function differenceOf(expected: string, found: string): string {
  const missing = expected.split('\n');
  const more = found.split('\n').filter((line) => {
    const at = missing.indexOf(line);
    if (at >= 0) missing.splice(at, 1);
    return at < 0;
  });
  const lines = [...missing.map((line) => `- ${line}`), ...more.map((line) => `+ ${line}`)];
  return lines.length > 0 ? ['the host is not as it should be:', ...lines].join('\n') : '';
}

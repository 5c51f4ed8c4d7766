import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../../lib/transport';
import type { Gate } from './gate';
import { look } from './look';
import type { Deed, Side } from './making';
import { problemOf } from './outcome';
import type { Step } from './steps';
import type { Target } from './target';

/** Where something is killed: before one of its commands, of which the first is 1, or after a share of its time. */
export type Aim = { readonly command: number } | { readonly share: number };

/** What follows the kills, before the apply that must converge: the same again, or nothing. */
export type Next = 'again' | 'apply';

/** The kills of one deed after the other, and how what followed went. */
export interface Round {
  /** Before which steps. Fewer than aimed at when what was to be killed ended before. */
  readonly kills: readonly Step[];
  readonly next: Next;
  /** What was wrong in the end. @default - the apply converged */
  readonly problem?: string;
}

/** What is done, to know how the host is after it, for each side. The last one is the apply that must converge. */
const LEARNT: Readonly<Record<Deed, readonly Deed[]>> = {
  apply: ['apply'],
  'failing apply': ['failing apply', 'apply'],
  rollback: ['apply', 'rollback', 'apply'],
};

/** How often a host is looked at until it matches. */
const LOOKS = 5;

const OTHER: Readonly<Record<Side, Side>> = { a: 'b', b: 'a' };

/** Kills what leads a host from side to side, and checks that the next apply converges. */
export class Rounds {
  private side: Side = 'b';
  /** What is on the host after something that was not killed. */
  private readonly matching = new Map<string, string>();
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
    rounds.nothing = await look(host);
    // The first time there is nothing yet that leaves, or to go back to.
    for (const side of ['a', 'b'] as const) await rounds.succeed('apply', side);
    for (const side of ['a', 'b'] as const) for (const deed of LEARNT[target.deed]) await rounds.learn(deed, side);
    return rounds;
  }

  /** How many commands it has what is killed, at most. */
  get length(): number {
    return this.commands;
  }

  /** What may follow a kill. An apply that is repeated is the one that must converge. */
  get nexts(): readonly Next[] {
    return this.target.deed === 'apply' ? ['apply'] : ['again', 'apply'];
  }

  /** Does what is to be killed, killed at each of these points in turn, and then what follows, which is not killed. */
  async round(aims: readonly Aim[], next: Next): Promise<Round> {
    const { deed } = this.target;
    const side = deed === 'rollback' ? this.side : OTHER[this.side];
    const kills: Step[] = [];
    for (const aim of aims) {
      const hit = 'command' in aim ? await this.killBefore(side, aim.command) : await this.killAfter(side, aim.share);
      if (hit === undefined) break;
      kills.push(hit);
    }
    const problem = (next === 'again' && (await this.reach(deed, side))) || (await this.reach('apply', side));
    // The next rollbacks are to lead away from the other side.
    if (deed === 'rollback' && next === 'apply' && !problem) await this.succeed('apply', OTHER[side]);
    return { kills, next, ...(problem && { problem }) };
  }

  /** Brings the host back to where rounds can go on. @throws Error when it can't be */
  async recover(): Promise<void> {
    await this.target.destroy();
    for (const side of ['a', 'b'] as const) await this.succeed('apply', side);
    for (const side of ['a', 'b'] as const) for (const deed of LEARNT[this.target.deed]) await this.succeed(deed, side);
    const left = this.differenceTo('apply', 'b', await this.settled('apply', 'b'));
    if (left) throw new Error(`Cannot go on: although all was destroyed and made again, ${left}`);
  }

  /** Destroys all, and returns what is left, if anything. */
  async end(): Promise<string> {
    await this.target.destroy();
    return differenceOf(this.nothing, await look(this.host));
  }

  private async killBefore(side: Side, command: number): Promise<Step | undefined> {
    await this.gate.aimAt(command);
    const reached = this.gate.reached();
    const started = this.target.start(this.target.deed, side);
    const first = await Promise.race([reached.then(() => 'reached'), started.ended.then(() => 'ended')]);
    if (first === 'ended') await this.gate.giveUp();
    await started.kill();
    const steps = (await reached) ? await this.gate.steps() : [];
    const step = steps[command - 1];
    return step && `${command}: ${step}`;
  }

  private async killAfter(side: Side, share: number): Promise<Step | undefined> {
    const started = this.target.start(this.target.deed, side);
    const left = sleep(share * this.durationMs).then(() => 'time');
    const first = await Promise.race([left, started.ended.then(() => 'ended')]);
    await started.kill();
    return first === 'time' ? 'a random time' : undefined;
  }

  private async learn(deed: Deed, side: Side): Promise<void> {
    const begun = Date.now();
    await this.succeed(deed, side);
    if (deed === this.target.deed) {
      this.durationMs = Date.now() - begun;
      this.commands = Math.max(this.commands, (await this.gate.steps()).length);
    }
    await sleep(1000);
    this.matching.set(`${deed} ${side}`, await this.look(side));
  }

  /** Does something, and returns what does not match then, if anything. */
  private async reach(deed: Deed, side: Side): Promise<string> {
    try {
      await this.succeed(deed, side);
      const plan = async () => (deed === 'apply' ? this.target.differences(side) : '');
      const [differences, found] = await Promise.all([plan(), this.settled(deed, side)]);
      if (differences) return `the plan is not empty: ${differences}`;
      const problem = this.target.memory(servicesIn(found)) || this.differenceTo(deed, side, found);
      return problem && deed !== 'apply' ? `after the same ${deed} again, ${problem}` : problem;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** The host as it is after something, once what was started has had some time to run its programs. */
  private async settled(deed: Deed, side: Side): Promise<string> {
    for (let time = 1; ; time++) {
      const found = await this.look(side);
      if (time === LOOKS || !this.differenceTo(deed, side, found)) return found;
      await sleep(1000);
    }
  }

  private differenceTo(deed: Deed, side: Side, found: string): string {
    return differenceOf(this.matching.get(`${deed} ${side}`) ?? '', found);
  }

  /** @throws Error when it does not end as it should */
  private async succeed(deed: Deed, side: Side): Promise<void> {
    await this.gate.aimAt(0);
    const problem = problemOf(deed, await this.target.start(deed, side).ended);
    if (problem) throw new Error(problem);
    if (deed === 'apply') this.side = side;
  }

  private async look(side: Side): Promise<string> {
    const history = this.target.deed === 'apply' ? '' : this.target.history(side);
    return (await Promise.all([look(this.host), history])).join('');
  }
}

/** Who has a record on a host, from what {@link look} finds there. */
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

import { connect, type Transport } from '../../lib/transport';
import type { ClassName } from './classes';
import { Gate } from './gate';
import { type Aim, type Round, Rounds } from './rounds';
import { type Rendering, targetOf } from './target';

/** Classes that are applied together, and how. */
export interface Part {
  readonly rendering: Rendering;
  readonly group: string;
  readonly classes: readonly ClassName[];
}

/** A round, and what it was of. */
export interface Result extends Round {
  readonly rendering: Rendering;
  readonly group: string;
}

export interface Options {
  readonly address: `lab:${string}` | 'lab';
  /** The `bulkhead` command. */
  readonly main: string;
  /** Where applies are to be killed, of applies that have so many commands. */
  readonly faults: (length: number) => readonly (readonly Aim[])[];
  /** Told of each round, in which so many of all are done. */
  readonly told: (result: Result, done: number, all: number) => void;
}

/** Kills applies of one part on one host, again and again. @throws Error when the host can't be brought back */
export async function run({ rendering, group, classes }: Part, options: Options): Promise<void> {
  const host: Transport = connect({ address: options.address });
  const gate = await Gate.install(host);
  const target = targetOf(rendering, options.address, classes, options.main);
  try {
    const rounds = await Rounds.begin(target, gate, host);
    const faults = options.faults(rounds.length);
    for (const [index, aims] of faults.entries()) {
      const round = await rounds.round(aims);
      options.told({ rendering, group, ...round }, index + 1, faults.length);
      if (round.problem) await rounds.recover();
    }
    const left = await rounds.end();
    if (left) options.told({ rendering, group, kills: [], problem: `after all was destroyed, ${left}` }, 1, 1);
  } finally {
    target.cleanUp();
    await gate.remove();
    await host.close();
  }
}

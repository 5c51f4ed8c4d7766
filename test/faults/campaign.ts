import { connect, type Transport } from '../../lib/transport';
import { shell } from '../host/inventory';
import { type ClassName, firstOf } from './classes';
import { Gate } from './gate';
import type { Rendering } from './making';
import { type Aim, type Round, Rounds } from './rounds';
import { targetOf } from './target';

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
  /** Where something is to be killed that has so many commands. */
  readonly faults: (length: number) => readonly (readonly Aim[])[];
  /** Told of each round, in which so many of all are done. */
  readonly told: (result: Result, done: number, all: number) => void;
}

/** Kills what one part does on one host, again and again. @throws Error when the host can't be brought back */
export async function run({ rendering, group, classes }: Part, options: Options): Promise<void> {
  const host: Transport = connect({ address: options.address });
  await shell(host, firstOf(classes));
  const gate = await Gate.install(host);
  const target = targetOf(rendering, options.address, classes, options.main);
  try {
    const rounds = await Rounds.begin(target, gate, host);
    const faults = options.faults(rounds.length).flatMap((aims) => rounds.nexts.map((next) => ({ aims, next })));
    for (const [index, { aims, next }] of faults.entries()) {
      const round = await rounds.round(aims, next);
      options.told({ rendering, group, ...round }, index + 1, faults.length);
      if (round.problem) await rounds.recover();
    }
    const left = await rounds.end();
    if (left)
      options.told({ rendering, group, kills: [], next: 'apply', problem: `after all was destroyed, ${left}` }, 1, 1);
  } finally {
    target.cleanUp();
    await gate.remove();
    await host.close();
  }
}

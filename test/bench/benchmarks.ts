import type { Fleet } from './fleet';
import { handshake } from './handshake';
import { helperApply, helperChange } from './helper-apply';
import { helperPlan, helperPlanGrowth } from './helper-plan';
import type { Measurement } from './measure';
import { firstSynth, synth, synthGrowth } from './synth';
import { terraformPlan } from './terraform-plan';

/** What our time is to be at most: so many times the floor, or so many seconds beside it. */
export type Goal = { readonly ratio: number } | { readonly beside: number };

export interface Benchmark {
  readonly name: string;
  readonly goal?: Goal;
  /** It needs a practice host, and so root. */
  readonly onHost?: true;
  readonly terraform?: true;
  /** How it is measured. The fleet is only there for those on a host. */
  run(fleet: () => Promise<Fleet>): Promise<Measurement>;
}

/** In an order in which the host only has to grow. */
export const BENCHMARKS: readonly Benchmark[] = [
  { name: 'handshake', goal: { ratio: 2.5 }, run: inSeconds },
  { name: 'synth-100', run: () => synth(100, 7) },
  { name: 'synth-1000', goal: { ratio: 0.6 }, run: () => synth(1000, 5) },
  { name: 'synth-5000', goal: { ratio: 0.4 }, run: () => synth(5000, 3) },
  { name: 'synth-first-1000', run: () => firstSynth(1000, 5) },
  { name: 'growth-synth', goal: { ratio: 2.3 }, run: () => synthGrowth(1000, 5) },
  {
    name: 'apply-100',
    goal: { ratio: 1.25 },
    onHost: true,
    run: async (fleet) => helperApply(await fleet(), 100, 3),
  },
  { name: 'plan-1', onHost: true, terraform: true, run: async (fleet) => terraformPlan(await fleet(), 1, 7) },
  { name: 'plan-100', onHost: true, terraform: true, run: async (fleet) => terraformPlan(await fleet(), 100, 5) },
  {
    name: 'change-1-of-500',
    goal: { ratio: 1.5 },
    onHost: true,
    run: async (fleet) => helperChange(await fleet(), 500, 5),
  },
  {
    name: 'growth-plan',
    goal: { ratio: 2.3 },
    onHost: true,
    run: async (fleet) => helperPlanGrowth(await fleet(), 1000, 5),
  },
  {
    name: 'plan-1000',
    goal: { ratio: 1.3 },
    onHost: true,
    terraform: true,
    run: async (fleet) => terraformPlan(await fleet(), 1000, 5),
  },
  {
    name: 'helper-plan-1000',
    goal: { beside: 1 },
    onHost: true,
    run: async (fleet) => helperPlan(await fleet(), 1000, 5),
  },
];

async function inSeconds(): Promise<Measurement> {
  const { ours, floor } = await handshake();
  return { ours: { seconds: ours / 1000 }, floor: { seconds: floor / 1000 } };
}

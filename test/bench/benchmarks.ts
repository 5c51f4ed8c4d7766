import type { Fleet } from './fleet';
import { handshake } from './handshake';
import { helperApply, helperChange } from './helper-apply';
import { helperPlan, helperPlanGrowth } from './helper-plan';
import { loadImage } from './load-image';
import type { Measurement } from './measure';
import { networkRequests, networkRules, networkStart, networkThroughput } from './network';
import { applyRoundTrips, planRoundTrips } from './round-trips';
import { RUNTIMES, start } from './start';
import { firstSynth, synth, synthBundles, synthDependencies, synthGrowth } from './synth';
import { terraformPlan } from './terraform-plan';

/** What ours is to be at most: so many times the floor, so much more than the floor, or so much. */
export type Goal = { readonly ratio: number } | { readonly beside: number } | { readonly most: number };

export interface Benchmark {
  readonly name: string;
  /** What it measures, and against what floor, in a sentence. */
  readonly measures: string;
  /** @default seconds */
  readonly unit?: 'round trips';
  readonly goal?: Goal;
  /** It needs a practice host, and so root. */
  readonly onHost?: true;
  readonly terraform?: true;
  /** How it is measured. The fleet is only there for those on a host. */
  run(fleet: () => Promise<Fleet>): Promise<Measurement>;
}

/** At least nine tenths of the speed of the floor. */
const AS_FAST: Goal = { ratio: 1.11 };

/** In an order in which the host only has to grow. */
export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'net-start-50',
    measures: 'Start of 50 network namespaces at once; the floor is as many units that do nothing.',
    goal: { beside: 1 },
    onHost: true,
    run: async (fleet) => networkStart(await fleet(), 50, 3),
  },
  {
    name: 'net-throughput',
    measures: "Half a gigabyte from one container to another on a Network; the floor is podman's bridge.",
    goal: AS_FAST,
    onHost: true,
    run: async (fleet) => networkThroughput(await fleet(), 5),
  },
  {
    name: 'net-requests',
    measures: "1000 HTTP requests, a connection each, on a Network; the floor is podman's bridge.",
    goal: AS_FAST,
    onHost: true,
    run: async (fleet) => networkRequests(await fleet(), 5),
  },
  {
    name: 'net-rules-1000',
    measures: 'The rules of 1000 services, in place of others; the floor is an empty table.',
    goal: { beside: 0.2 },
    onHost: true,
    run: async (fleet) => networkRules(await fleet(), 1000, 5),
  },
  ...Object.entries(RUNTIMES).map(
    ([runtime, create]): Benchmark => ({
      name: `start-${runtime}`,
      measures: 'From the start of a service to its first answer; the floor is the same program without an image.',
      onHost: true,
      run: async (fleet) => start(await fleet(), create, 9),
    }),
  ),
  {
    name: 'handshake',
    measures: "From the start of the provider's process to its handshake; the floor is `node -e 0`.",
    goal: { ratio: 2.5 },
    run: inSeconds,
  },
  {
    name: 'synth-100',
    measures: "Synthesis of 100 services; the floor is as many containers with cdktf's docker provider.",
    run: () => synth(100, 7),
  },
  {
    name: 'synth-1000',
    measures: 'The same with 1000 services.',
    goal: { ratio: 0.6 },
    run: () => synth(1000, 5),
  },
  {
    name: 'synth-5000',
    measures: 'The same with 5000 services.',
    goal: { ratio: 0.4 },
    run: () => synth(5000, 3),
  },
  {
    name: 'synth-first-1000',
    measures: 'The same with 1000 services, into an empty directory.',
    run: () => firstSynth(1000, 5),
  },
  {
    name: 'synth-bundles-1000',
    measures: 'Synthesis of 1000 services by `bulkhead plan`, without Terraform; the floor is that of `synth-1000`.',
    goal: { ratio: 0.6 },
    run: () => synthBundles(1000, 5),
  },
  {
    name: 'synth-chain-1000',
    measures: 'Synthesis of 1000 services of which each depends on the one before it; the floor is the same without.',
    goal: { ratio: 1.2 },
    run: () => synthDependencies('chain', 1000, 5),
  },
  {
    name: 'synth-group-1000',
    measures: 'Synthesis of 1000 services that depend on a group of 50 more; the floor is the same without.',
    goal: { ratio: 1.2 },
    run: () => synthDependencies('group', 1000, 5),
  },
  {
    name: 'growth-synth',
    measures: 'Synthesis of 1000 services; the floor is that of 500.',
    goal: { ratio: 2.3 },
    run: () => synthGrowth(1000, 5),
  },
  {
    name: 'apply-100',
    measures:
      '`bulkhead apply` of 100 new services without what loads a program into the kernel at each start; the floor is a ' +
      'shell script that leaves the same files and starts the same units.',
    goal: { ratio: 1.2 },
    onHost: true,
    run: async (fleet) => helperApply(await fleet(), 100, 3),
  },
  {
    name: 'apply-100-sandboxed',
    measures: '`bulkhead apply` of 100 new services in the default sandbox; the floor is that of apply-100.',
    onHost: true,
    run: async (fleet) => helperApply(await fleet(), 100, 3, { sandboxed: true }),
  },
  {
    name: 'load-2g',
    measures: 'Loading an image of 2 GB into podman; the floor is `podman load` of the same archive on the host.',
    goal: { ratio: 1.5 },
    onHost: true,
    run: async (fleet) => loadImage(await fleet(), 32, 3),
  },
  {
    name: 'plan-1',
    measures: '`terraform plan` of one service that runs as it should; the floor is one `terraform_data`.',
    goal: { most: 0.5 },
    onHost: true,
    terraform: true,
    run: async (fleet) => terraformPlan(await fleet(), 1, 7),
  },
  {
    name: 'plan-1-kept',
    measures: 'The same over an SSH connection that is kept by ControlPersist.',
    goal: { most: 0.35 },
    onHost: true,
    terraform: true,
    run: async (fleet) => terraformPlan(await fleet(), 1, 7, ['ControlPersist=60']),
  },
  {
    name: 'round-trips-plan',
    measures:
      'Round trips of `bulkhead plan` of 14 services that run as they should, counted over a link that delays each ' +
      'packet; the floor is `ssh HOST true` over the same link.',
    unit: 'round trips',
    goal: { beside: 3 },
    onHost: true,
    run: async (fleet) => planRoundTrips(await fleet()),
  },
  {
    name: 'round-trips-apply',
    measures: 'The same of `bulkhead apply` after one of the 14 has changed.',
    unit: 'round trips',
    goal: { beside: 10 },
    onHost: true,
    run: async (fleet) => applyRoundTrips(await fleet()),
  },
  {
    name: 'plan-100',
    measures: '`terraform plan` of 100 services that run as they should; the floor is as many `terraform_data`.',
    onHost: true,
    terraform: true,
    run: async (fleet) => terraformPlan(await fleet(), 100, 5),
  },
  {
    name: 'change-1-of-500',
    measures:
      '`bulkhead apply` after one of 500 services has changed; the floor is a shell script that writes the file of one ' +
      'unit, reloads systemd and restarts the unit.',
    goal: { ratio: 1.3 },
    onHost: true,
    run: async (fleet) => helperChange(await fleet(), 500, 5),
  },
  {
    name: 'growth-plan',
    measures: '`bulkhead plan` of 1000 services that run as they should; the floor is that of 500.',
    goal: { ratio: 2.3 },
    onHost: true,
    run: async (fleet) => helperPlanGrowth(await fleet(), 1000, 5),
  },
  {
    name: 'plan-1000',
    measures: '`terraform plan` of 1000 services that run as they should; the floor is as many `terraform_data`.',
    goal: { ratio: 1.3 },
    onHost: true,
    terraform: true,
    run: async (fleet) => terraformPlan(await fleet(), 1000, 5),
  },
  {
    name: 'helper-plan-1000',
    measures: '`bulkhead plan` of 1000 services that run as they should; the floor is `ssh HOST true`.',
    goal: { beside: 1 },
    onHost: true,
    run: async (fleet) => helperPlan(await fleet(), 1000, 5),
  },
];

async function inSeconds(): Promise<Measurement> {
  const { ours, floor } = await handshake();
  return { ours: { amount: ours / 1000 }, floor: { amount: floor / 1000 } };
}

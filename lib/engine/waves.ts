import { closureOf } from './closure';
import type { ServiceRecord } from './service-record';
import type { ServicePlan } from './step';

/** The order of plans, and what each plan waits for. */
export interface Waves {
  /** Names of services, wave by wave. Each service depends only on services of earlier waves. */
  readonly waves: readonly ReadonlySet<string>[];
  /** Names of services that must succeed before that service is touched. */
  readonly before: (name: string) => readonly string[];
}

/**
 * Puts plans with steps into waves, so that a failure leaves the services that depend on it untouched. A removal is in
 * the same wave as its replacement, and as the last service that no longer depends on it. Pure.
 */
export function wavesOf(plans: readonly ServicePlan[], records: ReadonlyMap<string, ServiceRecord>): Waves {
  const pending = new Map(plans.filter(({ steps }) => steps.length > 0).map((plan) => [plan.name, plan]));
  const planned = new Map(plans.map((plan) => [plan.name, plan]));
  const needs = (name: string) => (planned.get(name)?.desired ?? records.get(name)?.manifest)?.after ?? [];
  const formerUsers = (name: string) =>
    plans.filter((plan) => plan.name !== name && records.get(plan.name)?.manifest.after?.includes(name));
  const successors = ({ name, path }: ServicePlan) =>
    plans.filter((plan) => plan.desired && plan.path === path && plan.name !== name);

  const levels = new Map<string, number>();
  /** Number of waves before a service, whether it has steps or not. */
  const levelOf = (name: string): number => {
    const known = levels.get(name);
    if (known !== undefined) return known;
    // Of services that depend on each other, none can come first.
    levels.set(name, 0);
    const plan = planned.get(name);
    const level =
      plan && !plan.desired
        ? Math.max(0, ...[...successors(plan), ...formerUsers(name)].map((other) => levelOf(other.name)))
        : Math.max(0, ...needs(name).map((need) => levelOf(need) + (isPending(need) ? 1 : 0)));
    levels.set(name, level);
    return level;
  };
  const isPending = (name: string) => pending.get(name)?.desired !== undefined;

  const waves: Set<string>[] = [];
  for (const name of pending.keys()) {
    const level = levelOf(name);
    waves[level] = (waves[level] ?? new Set()).add(name);
  }
  return {
    waves: waves.filter(Boolean),
    before(name) {
      const plan = planned.get(name);
      if (plan && !plan.desired) return [...successors(plan), ...formerUsers(name)].map((other) => other.name);
      return [...closureOf([name], needs)].filter((need) => need !== name);
    },
  };
}

import { unitErrors } from '../failure/unit-errors';
import type { Command } from '../sequence';
import { stateFor } from '../state-for';
import { startCommand } from './start-units';
import { watchedUnit } from './watch';
import { keysOf, type Part, type PlannedStep, stepsOf, tell, type Work } from './work';

/** Restarts and starts all units at once. */
export const start: Part = (work, user, plans): Command[] => {
  const steps = stepsToStart(work).filter(({ plan }) => plan.user === user);
  for (const { plan, step } of steps) tell(work, plan, step);
  const [restart, begin] = [keysOf(work, 'restart', plans), keysOf(work, 'start', plans)];
  if (restart.length + begin.length === 0) return [];
  const { units } = stateFor(work.before, user);
  const loaded = [...restart, ...begin].filter((name) => units.get(name)?.loadState === 'loaded');
  const active = unitsToBeActive(work, user);
  // A unit that stopped also stopped the units that need it. A restart would start those again.
  const along = keysOf(work, 'stop', plans).some((name) => active.includes(name)) ? active : [];
  const watched = steps.flatMap(({ plan, step }) => watchedUnit(step.key, plan.desired?.units[step.key]));
  return [
    startCommand({ restart, start: [...begin, ...along], loaded, active }, watched, user, (started) =>
      work.started.set(user, started),
    ),
  ];
};

/** Units that must be active in the end, with and without steps. */
function unitsToBeActive({ plans, wave, before }: Work, user: string | undefined): string[] {
  const { units } = stateFor(before, user);
  return plans.flatMap(({ name: service, user: owner, desired }) => {
    if (owner !== user) return [];
    const active = Object.entries(desired?.units ?? {}).filter(([, unit]) => unit.state === 'active');
    // Units of services in later waves keep running.
    const names = active.map(([name]) => name);
    return names.filter((name) => wave.has(service) || units.get(name)?.activeState === 'active');
  });
}

/** Steps that start units, of plans that have not failed. */
export function stepsToStart(work: Work): PlannedStep[] {
  return [...stepsOf(work, 'restart'), ...stepsOf(work, 'start')];
}

/** Finds the units that have not started, from the result of the watch. */
export async function findNotStarted(work: Work): Promise<void> {
  const steps = stepsToStart(work);
  if (steps.length === 0) return;
  work.settled ??= await work.observe();
  const failed = steps.flatMap(({ plan, step }) => {
    const { since = '', said = '', verdicts } = work.started.get(plan.user) ?? {};
    const verdict = verdicts?.get(step.key);
    if (verdict?.kind === 'skipped') work.progress?.(plan.path, notStarted(step.key, verdict.condition));
    return verdict?.kind === 'failed' ? [{ plan, unit: step.key, since, said, verdict }] : [];
  });
  for (const [name, error] of await unitErrors(work.transport, failed, work.tools.signal)) {
    if (!work.errors.has(name)) work.errors.set(name, error);
  }
}

/** Text for a unit whose start systemd has skipped. */
export const notStarted = (unit: string, condition: string) =>
  `skip ${unit}: its condition ${condition ? `${condition} ` : ''}is not met`;

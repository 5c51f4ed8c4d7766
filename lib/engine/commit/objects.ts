import { KINDS, parseObjectKey } from '../../manifest';
import type { Change, Kind } from '../kind';
import { ALL_KINDS, kindNamed, LEFTOVERS } from '../kinds';
import type { Phase } from '../phases';
import { scopeOf } from '../scope';
import { runInSequence } from '../sequence';
import { stateFor } from '../state-for';
import type { ServicePlan, Step } from '../step';
import { systemctlCommand } from '../units';
import { hasMountPoints, removeMountPoints } from './mount-points';
import { withoutShared } from './shared-objects';
import { attempt, inScopes, keysOf, pending, removals, several, stepsOf, tell, type Work } from './work';

/** Runs a phase of plans for their objects. A failure of an object fails only its service. */
export async function changeObjects(work: Work, phase: Phase): Promise<void> {
  const plans = pending(work).filter((plan) => stepsOf(work, phase, [plan]).some(isAboutObject));
  // Users can be prepared side by side. The objects of one user, or of the host, are changed one after the other.
  const lanes = new Map<unknown, ServicePlan[]>();
  for (const plan of plans) {
    const lane = phase === 'prepare' ? plan : plan.user;
    lanes.set(lane, [...(lanes.get(lane) ?? []), plan]);
  }
  await several(lanes.values(), async (lane) => {
    for (const plan of lane) await attempt(work, [plan], () => changeObjectsOf(work, phase, plan));
  });
}

/** Whether a phase has steps for objects. */
export function hasObjects(work: Work, phase: Phase): boolean {
  return stepsOf(work, phase).some(isAboutObject);
}

const isAboutObject = ({ step }: { readonly step: Step }) => step.kind === 'objects';

async function changeObjectsOf(work: Work, phase: Phase, plan: ServicePlan): Promise<void> {
  for (const { step } of stepsOf(work, phase, [plan]).filter(isAboutObject)) {
    tell(work, plan, step);
    const { kind, name } = parseObjectKey(step.key) ?? {};
    if (!kind || !name) continue;
    const change = { name, wanted: plan.desired?.objects[step.key], service: plan.path };
    await kindNamed(kind).act(phase, scopeFor(work, kindNamed(kind), plan), [change], work.tools);
  }
}

function scopeFor(work: Work, kind: Kind, { user }: ServicePlan) {
  return scopeOf(work.transport, KINDS[kind.name].scope === 'user' ? user : undefined);
}

/** Deletes objects that nothing uses any more, and remains of removed services' units. */
export async function deleteObjects(work: Work): Promise<void> {
  for (const { plan, step } of stepsOf(work, 'delete')) tell(work, plan, step);
  const recordsOf = (plans: readonly ServicePlan[]) =>
    plans.flatMap(({ name, desired }) => (desired ? [] : (work.before.records.get(name) ?? [])));
  await inScopes(work, async (scope, plans) => {
    if (scope.user !== undefined && !work.before.users.has(scope.user)) return;
    const records = recordsOf(plans);
    const units = records.flatMap(({ owns }) => owns.units);
    const forget = { ...systemctlCommand('reset-failed', units, { user: scope.user }), mayFail: true as const };
    if (units.length > 0) await runInSequence(work.transport, [forget], work.tools.signal);
    for (const removeLeftovers of LEFTOVERS) await removeLeftovers(scope, records);
  });
  for (const kind of ALL_KINDS) await deleteObjectsOf(work, kind);
  const mounting = recordsOf(removals(work)).filter(({ manifest }) => hasMountPoints(manifest));
  await removeMountPoints(
    work.transport,
    mounting.map(({ manifest }) => manifest.name),
  );
}

async function deleteObjectsOf(work: Work, kind: Kind): Promise<void> {
  const groups = new Map<string | undefined, ServicePlan[]>();
  for (const plan of pending(work)) {
    const user = KINDS[kind.name].scope === 'user' ? plan.user : undefined;
    groups.set(user, [...(groups.get(user) ?? []), plan]);
  }
  await several(groups, async ([user, plans]) => {
    if (user !== undefined && !work.before.users.has(user)) return;
    const named = new Map(plans.map((plan) => [plan, deletionsOf(work, kind, plan)]));
    const changes = await withoutShared(work, kind, user, named);
    const concerned = plans.filter((plan) => changes.get(plan)?.length);
    const remove = (some: readonly ServicePlan[]) => {
      const all = some.flatMap((plan) => changes.get(plan) ?? []);
      return kind.act('delete', scopeOf(work.transport, user), all, work.tools);
    };
    if (concerned.length === 0) return;
    const together = { ...work, errors: new Map() };
    await attempt(together, concerned, () => remove(concerned));
    // Deleted one at a time, each failure belongs to the service of its object.
    if (together.errors.size > 0) for (const plan of concerned) await attempt(work, [plan], () => remove([plan]));
  });
}

/** Objects of a kind that a plan deletes, including objects of a removed service that were loaded but never placed. */
function deletionsOf(work: Work, { name: kind }: Kind, plan: ServicePlan): Change[] {
  const { objects } = stateFor(work.before, plan.user);
  const owned = plan.desired ? [] : (work.before.records.get(plan.name)?.owns.objects ?? []);
  const keys = [...keysOf(work, 'delete', [plan]), ...owned.filter((key) => !objects.has(key))];
  return keys.flatMap((key) => {
    const parsed = parseObjectKey(key);
    return parsed?.kind === kind ? [{ name: parsed.name, wanted: undefined, service: plan.path }] : [];
  });
}

import type { Work } from '../commit/work';
import { ApplyError, type ApplyErrorDetails } from '../errors';
import type { Observing } from '../observe/observe';
import type { HostState } from '../state';
import type { ServicePlan } from '../step';
import { usedAnew } from './changed-earlier';
import { goBack, type Means, type WentBack } from './go-back';
import { versionBefore } from './numbering';
import { goingBack } from './plan-back';
import { type KeptVersion, readVersions } from './read';

/** What has failed in an apply, and what else it has changed. */
interface Failed {
  readonly plans: readonly ServicePlan[];
  /** Names of services that were changed before. */
  readonly switched: Set<string>;
  /** All plans of the apply. */
  readonly all: readonly ServicePlan[];
  /** What looks at all services. */
  readonly looking: () => Observing;
  /** Why services failed. They come to tell what has become of them. */
  readonly errors: Work['errors'];
}

type Outcome = Pick<ApplyErrorDetails, 'outcome' | 'wentBack'>;

/**
 * Undoes changes that have failed: their services run what they ran before, as far as that is kept.
 * @returns the host as it is now; undefined when it has to be looked at again
 */
export async function undo(means: Means, found: HostState, failed: Failed): Promise<HostState | undefined> {
  const { plans, switched, all, errors, looking } = failed;
  if (goingBack(plans, new Set(), found).length === 0) return found;
  // An earlier deploy may have changed what they use, which nobody has looked at then.
  const used = usedAnew(plans, found.records).size > 0 ? plans.flatMap(({ desired }) => desired?.after ?? []) : [];
  const isKnown = [...switched, ...used].every((name) => found.records.has(name));
  const wide = isKnown ? means : looking();
  const state = isKnown ? found : await wide.observe();
  const names = goingBack(plans, switched, state);
  const { transport, tools, progress } = means;
  const kept = await readVersions(transport, versionsBefore(names, state), tools.signal);
  const versions = [...kept.values()].filter((version): version is KeptVersion => typeof version !== 'string');
  for (const { manifest } of versions) progress?.(manifest.path, 'go back to the previous version');
  const went = await tryToGoBack({ ...means, ...wide }, withoutNeeds(state), versions, all);
  for (const name of names) {
    const outcome = outcomeOf(name, kept.get(name), went);
    const error = errors.get(name) ?? wentAlong(transport.address, name, plans, state);
    errors.set(name, error.with(outcome));
    switched.delete(name);
  }
  return went.state;
}

/** Nobody has looked for what the previous versions need, such as another program, and they ran a moment ago. */
function withoutNeeds({ met: _, ...state }: HostState): HostState {
  return state;
}

/** The versions that services go back to. */
export function versionsBefore(names: readonly string[], { records }: Pick<HostState, 'records'>) {
  return names.flatMap((service) => {
    const record = records.get(service);
    const number = record && versionBefore(record);
    return number === undefined ? [] : [{ service, number }];
  });
}

/** What fails for all of them is why each of them could not go back. */
async function tryToGoBack(
  means: Means,
  state: HostState,
  versions: readonly KeptVersion[],
  all: readonly ServicePlan[],
): Promise<WentBack> {
  if (versions.length === 0) return { state, plans: new Map(), errors: new Map() };
  try {
    return await goBack(means, state, versions, all);
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error;
    return { state: undefined, plans: new Map(), errors: new Map(versions.map(({ service }) => [service, error])) };
  }
}

function outcomeOf(name: string, kept: KeptVersion | string | undefined, { plans, errors }: WentBack): Outcome {
  const problem = typeof kept === 'string' ? kept : errors.get(name)?.shortMessage;
  if (problem !== undefined) return { outcome: `${name} could not go back to its previous version: ${problem}` };
  const { desired, steps = [] } = plans.get(name) ?? {};
  const runs = Object.values(desired?.units ?? {}).some(({ state }) => state === 'active');
  const began = steps.some(({ verb }) => verb === 'restart' || verb === 'start');
  const outcome = !runs
    ? `${name} has its previous version again`
    : `${name} ${began ? 'runs its previous version again' : 'still runs its previous version'}`;
  return { outcome, wentBack: true };
}

/** The error of a service that nothing was wrong with, and that goes back because of others. */
function wentAlong(host: string, name: string, failed: readonly ServicePlan[], { records }: HostState): ApplyError {
  const service = records.get(name)?.manifest.path ?? name;
  const problem = `${failed.map((plan) => plan.name).join(', ')} failed`;
  return new ApplyError({ host, service, action: `apply ${name}`, problem, notDone: true });
}

import { isDeepStrictEqual } from 'node:util';
import { belongsTo, kindOf, type Manifest } from '../manifest';
import { recordFile, withoutRestarting } from './ownership';
import { sameAtStart } from './parts/file';
import { withoutContents } from './record';
import type { HostState } from './state';
import { stateFor } from './state-for';
import type { ServicePlan, Step } from './step';
import type { TarFile } from './tar';
import { brings, usedBy } from './used';

/** Steps that make files and objects again, by the names of their services. */
export type Remade = ReadonlyMap<string, readonly Step[]>;

/**
 * What of a host the plans of services make again as it was applied, since somebody has deleted or changed it. What is
 * wanted otherwise than before is not among it: those who use that are wanted otherwise, too. Pure.
 */
export function remadeBy(plans: readonly ServicePlan[], state: HostState): Remade {
  return new Map(
    plans.flatMap((plan) => {
      const remade = remadeIn(plan, state);
      return remade.length > 0 ? [[plan.name, remade] as const] : [];
    }),
  );
}

function remadeIn({ name, user, desired, steps }: ServicePlan, state: HostState): Step[] {
  const record = state.records.get(name);
  if (!record || !desired || steps.length === 0) return [];
  const { files, objects } = stateFor(state, user);
  const wanted = withoutContents(desired);
  return steps.filter(({ verb, kind, key }) => {
    if (kind === 'units' || verb === 'delete') return false;
    if (!isDeepStrictEqual(record.manifest[kind][key], wanted[kind][key])) return false;
    const file = desired.files[key];
    if (kind === 'files') return verb === 'write' && file !== undefined && !sameAtStart(key, files.get(key), file);
    return !objects.has(key) || verb === 'place' || (verb === 'load' && kindOf(key).content === true);
  });
}

/**
 * What a service uses of others that is made again, and why, by how the service refers to it. What its units have of it is
 * not what lies on the host any more: the old content, or the mount of a directory that is gone. Pure.
 */
export function remadeFor(manifest: Manifest, remade: Remade): ReadonlyMap<string, string> {
  const steps = (manifest.after ?? []).flatMap((name) => remade.get(name) ?? []);
  if (steps.length === 0) return new Map();
  return new Map(
    [...usedBy(manifest).keys()].flatMap((used) => {
      const step = steps.find(({ kind, key }) => brings({ files: {}, objects: {}, [kind]: { [key]: {} } }, used));
      return step ? [[used, `${step.key} ${step.reason}`] as const] : [];
    }),
  );
}

/**
 * Records of services that use what the plans are about to make again, and that have no plan among these: until they
 * start again, they count as running with what it was before. That holds also when the apply is cut off in between.
 */
export function recordsOfUsers(plans: readonly ServicePlan[], state: HostState): TarFile[] {
  const remade = remadeBy(plans, state);
  if (remade.size === 0) return [];
  const owners = plans.flatMap(({ desired }) => desired ?? []);
  const planned = new Set(plans.map(({ name }) => name));
  return [...state.records.values()].flatMap((record) => {
    const { manifest, applied, reloaded } = record;
    const isOfStack = owners.some((owner) => belongsTo(manifest, owner));
    const anew = isOfStack && !planned.has(manifest.name) ? remadeFor(manifest, remade) : undefined;
    if (!anew?.size) return [];
    const uses = (part: 'triggers' | 'reloads') => (name: string) => {
      const unit = manifest.units[name];
      // A job runs once per change that somebody wants.
      return unit?.state !== 'done' && Object.keys(unit?.[part] ?? {}).some((used) => anew.has(used));
    };
    return recordFile({
      ...record,
      applied: withoutRestarting(applied, uses('triggers')),
      ...(reloaded && { reloaded: withoutRestarting(reloaded, uses('reloads')) }),
    });
  });
}

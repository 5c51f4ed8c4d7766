import { kindOf, type Manifest } from '../../manifest';
import type { Tools } from '../kind';
import { kindNamed } from '../kinds';
import { planService } from '../plan';
import { withoutContents } from '../record';
import type { ServiceRecord } from '../service-record';
import { isGiven } from '../sources';
import type { HostState } from '../state';
import { stateFor } from '../state-for';
import type { Obstacle, ServicePlan, Step } from '../step';
import { changedEarlier } from './changed-earlier';
import { isAnotherVersion, versionBefore } from './numbering';
import type { KeptVersion } from './read';

/** A host, and what to do so that services are what they were. */
export interface WayBack {
  /** With records that say that the way back has begun. */
  readonly state: HostState;
  readonly plans: readonly ServicePlan[];
  /** As they will be owned: a service may have moved to another stack since. */
  readonly versions: readonly KeptVersion[];
}

/**
 * Plans to go back to versions that are kept: a plan as any other, but no job runs again, and no object goes that holds
 * data. Pure.
 * @param value Values of secrets that are known. @default - none is
 */
export function planBack(
  host: HostState,
  versions: readonly KeptVersion[],
  value: Tools['value'] = () => undefined,
): WayBack {
  const own = versions.map((version) => ownedAsNow(version, host.records.get(version.service)));
  const records = new Map(host.records);
  for (const version of own) {
    const record = host.records.get(version.service);
    if (record) records.set(version.service, asOfVersion(record, version));
  }
  const state = { ...host, records };
  return { state, plans: own.map((version) => planOf(state, version, value)), versions: own };
}

function ownedAsNow(version: KeptVersion, record: ServiceRecord | undefined): KeptVersion {
  if (!record) return version;
  const { project: _, ...manifest } = version.manifest;
  const { stack, project } = record.manifest;
  return { ...version, manifest: { ...manifest, stack, ...(project !== undefined && { project }) } };
}

function asOfVersion(record: ServiceRecord, { number, manifest }: KeptVersion): ServiceRecord {
  const { generation: _, previous = [], ...rest } = record;
  const older = previous.filter((each) => each.number < number);
  return {
    ...rest,
    manifest: withoutContents(manifest),
    begun: true,
    ...(number > 1 && { generation: number }),
    ...(older.length > 0 && { previous: older }),
  };
}

function planOf(host: HostState, { service, manifest }: KeptVersion, value: Tools['value']): ServicePlan {
  const record = host.records.get(service);
  const plan = planService(host, manifest);
  const isDone = ({ verb, kind, key }: Step) =>
    kind === 'units' && verb === 'start' && manifest.units[key]?.state === 'done';
  const steps = plan.steps.filter((step) => !isDone(step) && !losesData(step));
  const deleted = new Set(steps.flatMap(({ verb, key }) => (verb === 'delete' ? [key] : [])));
  const { objects } = stateFor(host, manifest.user, record);
  const left = (record?.owns.objects ?? []).filter((key) => !(key in manifest.objects) && objects.has(key));
  const recorded: Step = { verb: 'record', kind: 'files', key: service, reason: 'was not finished' };
  return {
    ...plan,
    action: 'update',
    instance: record?.instance,
    steps: steps.length > 0 ? steps : [recorded],
    obstacles: [...plan.obstacles, ...unknownSecrets(steps, manifest, value)],
    keeps: left.filter((key) => !deleted.has(key)),
  };
}

/** The sources that a record names are not read: the host could have any file of this machine sent to it. */
function unknownSecrets(steps: readonly Step[], { objects }: Manifest, value: Tools['value']): Obstacle[] {
  return steps.flatMap(({ verb, key, reason }) => {
    const object = objects[key];
    if (verb !== 'load' || !object || !isGiven(key, object) || value(key)) return [];
    const { noun, of } = kindOf(key);
    const problem = `it ${reason}, and going back reads no values of secrets`;
    const advice = 'apply that version of your program instead';
    return [{ at: ['objects', key], action: `write ${noun} ${of}`, problem, advice }];
  });
}

function losesData({ verb, kind, key }: Step): boolean {
  return verb === 'delete' && kind === 'objects' && kindNamed(kindOf(key).kind).holds !== undefined;
}

const NOTHING = { units: {}, objects: {} };

/** Whether a service runs nothing, and is there for others: files, or a unit that brings an image. */
export function isForOthers({ units, objects }: Pick<Manifest, 'units' | 'objects'> = NOTHING): boolean {
  const bringsContent = Object.entries(objects).some(([key, { unit }]) => unit !== undefined && kindOf(key).content);
  return Object.keys(units).length === 0 || bringsContent;
}

/**
 * The services that go back because some have failed: those, what was changed for them and has no program of its own,
 * such as their files, and what was changed and depends on any of these. Changes of an earlier deploy count if the failed
 * services have not started with them yet. Only such as have a version to go back to. Pure.
 */
export function goingBack(
  failed: readonly ServicePlan[],
  switched: ReadonlySet<string>,
  { records }: Pick<HostState, 'records'>,
): string[] {
  const undone = failed.filter(({ name, desired }) => desired && canGoBack(records.get(name), desired));
  const needs = (name: string): readonly string[] => {
    const wanted = undone.find((plan) => plan.name === name)?.desired;
    return (wanted ?? records.get(name)?.manifest)?.after ?? [];
  };
  const changed = [...new Set([...switched, ...changedEarlier(undone, records)])].filter((name) =>
    canGoBack(records.get(name)),
  );
  const back = new Set(undone.map(({ name }) => name));
  for (const name of back)
    for (const need of needs(name))
      if (changed.includes(need) && isForOthers(records.get(need)?.manifest)) back.add(need);
  for (let size = 0; size < back.size; ) {
    size = back.size;
    for (const name of changed) if (needs(name).some((need) => back.has(need))) back.add(name);
  }
  return [...back];
}

/** @param desired What has failed. @default - it was applied */
function canGoBack(record: ServiceRecord | undefined, desired?: Manifest): boolean {
  if (record === undefined || versionBefore(record) === undefined) return false;
  if (desired && !isAnotherVersion(desired, record)) return false;
  return (desired ?? record.manifest).rollback !== false;
}

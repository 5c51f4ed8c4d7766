import { isDeepStrictEqual } from 'node:util';
import { belongsTo, type Manifest } from '../../manifest';
import type { Transport } from '../../transport';
import type { ApplyOptions, ApplyResult } from '../apply';
import { ApplyError } from '../errors';
import { lock } from '../lock';
import { observe, observing } from '../observe/observe';
import { nameTaken } from '../other-owner';
import { reloadIfBegun } from '../reload-begun';
import type { ServiceRecord } from '../service-record';
import type { HostState } from '../state';
import type { Obstacle, ServicePlan } from '../step';
import { deletedContainer } from './deleted-container';
import { goingAlong, leftBehind } from './go-along';
import { goBack } from './go-back';
import { planBack } from './plan-back';
import { type KeptVersion, readVersions } from './read';
import { versionsBefore } from './undo';

/** A host, and what it takes that services run the versions before those that they run now. */
export interface Rollback {
  readonly state: HostState;
  /**
   * One for each service, and for each service that goes back with these. A service that has no version to go back to has
   * an obstacle.
   */
  readonly plans: readonly ServicePlan[];
  readonly versions: readonly KeptVersion[];
}

/** Looks at a host, and plans. Changes nothing. @param services Those that are wanted, as they are now or will be. */
export async function planRollback(
  transport: Transport,
  services: readonly Manifest[],
  signal?: AbortSignal,
): Promise<Rollback> {
  const { records } = await observe(transport, { services: 'all' }, signal);
  const own = services.flatMap((service) => {
    const record = records.get(service.name);
    return record && belongsTo(record.manifest, service) ? [service.name] : [];
  });
  const kept = await readAlong(transport, own, { records, wanted: services }, signal);
  const versions = usable(kept);
  const manifests = versions.map(({ manifest }) => manifest);
  const names = [...new Set([...services.map(({ name }) => name), ...kept.keys()])];
  const state = await observe(transport, { services: names, manifests }, signal);
  const back = planBack(state, versions);
  const plans = names.flatMap((name) => {
    const service = services.find((each) => each.name === name) ?? records.get(name)?.manifest;
    const plan = back.plans.find((each) => each.name === name);
    const version = versions.find((each) => each.service === name);
    if (plan && version) {
      const obstacles = [...deletedContainer(version, records), ...leftBehind(version, versions, records)];
      return [obstacles.length > 0 ? refused(name, plan.path, obstacles) : plan];
    }
    return service ? [withoutVersion(service, kept.get(name), state.records.get(name))] : [];
  });
  return { state, plans, versions: back.versions };
}

/** Reads the previous versions of services, and those of the services that go back with them. */
async function readAlong(
  transport: Transport,
  services: readonly string[],
  { records, wanted }: { readonly records: HostState['records']; readonly wanted: readonly Manifest[] },
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, KeptVersion | string>> {
  const kept = new Map<string, KeptVersion | string>();
  for (let names = services; names.length > 0; ) {
    const found = await readVersions(transport, versionsBefore(names, { records }), signal);
    for (const [name, version] of found) kept.set(name, version);
    if (found.size === 0) break;
    names = goingAlong(usable(kept), records, wanted).filter((name) => !kept.has(name));
  }
  return kept;
}

function usable(kept: ReadonlyMap<string, KeptVersion | string>): KeptVersion[] {
  return [...kept.values()].filter((version): version is KeptVersion => typeof version !== 'string');
}

function withoutVersion(
  service: Manifest,
  kept: KeptVersion | string | undefined,
  record: ServiceRecord | undefined,
): ServicePlan {
  const { name } = service;
  const path = record?.manifest.path ?? name;
  const problem = typeof kept === 'string' ? kept : 'the host keeps no previous version';
  const advice = '`bulkhead history` shows the versions that are kept, and `generations` says how many';
  const isOthers = record && !belongsTo(record.manifest, service);
  const why = isOthers ? nameTaken(service, record) : { at: ['name'], problem, advice };
  return refused(name, path, [{ ...why, action: `roll back ${name}` }]);
}

function refused(name: string, path: string, obstacles: readonly Obstacle[]): ServicePlan {
  return { name, path, action: 'none', steps: [], obstacles, desired: undefined };
}

/**
 * Makes services run the versions before those that they run now. What they have written stays, and no job runs.
 * @param shown Those versions, as they were planned. One that has changed since is an error.
 * @throws TransportError when the host is lost
 */
export async function rollBack(
  transport: Transport,
  shown: readonly Manifest[],
  options: ApplyOptions,
): Promise<ApplyResult> {
  const held = options.state ? { transport, release: async () => {} } : await lock(transport, options);
  try {
    return await rollBackHeld(held.transport, shown, options);
  } finally {
    await held.release();
  }
}

async function rollBackHeld(
  transport: Transport,
  shown: readonly Manifest[],
  { asset, progress, signal }: ApplyOptions,
): Promise<ApplyResult> {
  const names = shown.map(({ name }) => name);
  const found = await planRollback(transport, shown, signal);
  const reloaded = await reloadIfBegun(transport, found.state, { manifests: shown, remove: [] }, signal);
  const { state, versions } = reloaded ? await planRollback(transport, shown, signal) : found;
  const same = versions.filter(({ manifest }) => shown.some((each) => isDeepStrictEqual(each, manifest)));
  const request = { services: names, manifests: shown, facts: state.facts };
  const means = {
    transport,
    tools: { asset, value: () => undefined, leaving: [], signal },
    progress,
    ...observing(transport, request, signal),
  };
  const { errors } = await goBack(means, state, same);
  return new Map(
    shown.map(({ name, path }) => {
      const isSame = same.some(({ service }) => service === name);
      return [name, isSame ? errors.get(name) : changedSince(transport.address, name, path)];
    }),
  );
}

function changedSince(host: string, name: string, service: string): ApplyError {
  const problem = 'it was changed after the plan was made';
  const advice = 'run the command again';
  return new ApplyError({ host, service, action: `roll back ${name}`, problem, advice, untouched: true });
}

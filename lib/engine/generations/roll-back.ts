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
import type { ServicePlan } from '../step';
import { goBack } from './go-back';
import { planBack } from './plan-back';
import { type KeptVersion, readVersions } from './read';
import { versionsBefore } from './undo';

/** A host, and what it takes that services run the versions before those that they run now. */
export interface Rollback {
  readonly state: HostState;
  /** One for each service. One that has no version to go back to has an obstacle. */
  readonly plans: readonly ServicePlan[];
  readonly versions: readonly KeptVersion[];
}

/** Looks at a host, and plans. Changes nothing. @param services Those that are wanted, as they are now or will be. */
export async function planRollback(
  transport: Transport,
  services: readonly Manifest[],
  signal?: AbortSignal,
): Promise<Rollback> {
  const names = services.map(({ name }) => name);
  const { records } = await observe(transport, { services: names }, signal);
  const own = services.flatMap((service) => {
    const record = records.get(service.name);
    return record && belongsTo(record.manifest, service) ? [service.name] : [];
  });
  const kept = await readVersions(transport, versionsBefore(own, { records }), signal);
  const versions = [...kept.values()].filter((version): version is KeptVersion => typeof version !== 'string');
  const manifests = versions.map(({ manifest }) => manifest);
  const state = await observe(transport, { services: names, manifests }, signal);
  const back = planBack(state, versions);
  const plans = services.map(
    (service) =>
      back.plans.find((plan) => plan.name === service.name) ??
      withoutVersion(service, kept.get(service.name), state.records.get(service.name)),
  );
  return { state, plans, versions: back.versions };
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
  const obstacle = { ...why, action: `roll back ${name}` };
  return { name, path, action: 'none', steps: [], obstacles: [obstacle], desired: undefined };
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

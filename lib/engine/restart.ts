import { belongsTo, type Manifest } from '../manifest';
import type { Transport } from '../transport';
import { notStarted } from './commit/start';
import { startCommand } from './commit/start-units';
import { type Watched, watchedUnit } from './commit/watch';
import { several } from './commit/work';
import { ApplyError } from './errors';
import { unitErrors } from './failure/unit-errors';
import { lock } from './lock';
import { observe } from './observe/observe';
import { runInSequence } from './sequence';
import type { HostState } from './state';
import { stateFor } from './state-for';

export interface RestartOptions {
  /** Told what is restarted, by construct path. */
  readonly progress?: (service: string, message: string) => void;
  /** Told who else changes the host, for as long as that is waited for. */
  readonly waiting?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** The units of a service that restart. */
interface Restarted {
  readonly manifest: Manifest;
  readonly units: readonly string[];
}

/**
 * Restarts the units of services as they lie on the host, all that there are at once, and watches them as an apply does. A
 * unit that another one starts restarts only if it runs.
 * @param services as their stacks, or the records of the host, have them
 * @returns why services failed, by their names
 * @throws TransportError when the host is lost, or another apply is under way for longer than ten minutes
 */
export async function restart(
  transport: Transport,
  services: readonly Manifest[],
  options: RestartOptions = {},
): Promise<ReadonlyMap<string, ApplyError>> {
  const { progress, waiting, signal } = options;
  const held = await lock(transport, { waiting, signal });
  try {
    const state = await observe(held.transport, { services: 'all' }, signal);
    const errors = new Map<string, ApplyError>();
    const restarted: Restarted[] = [];
    for (const service of services) {
      const found = unitsOf(service, state, transport.address);
      if (found instanceof ApplyError) errors.set(service.name, found);
      else restarted.push(found);
    }
    for (const { manifest, units } of restarted) progress?.(manifest.path, `restart ${units.join(', ')}`);
    const restartFor = async (user: string | undefined) => {
      const theirs = restarted.filter(({ manifest }) => manifest.user === user);
      const failed = await restartUnits(held.transport, theirs, user, state, options);
      for (const [name, error] of failed) errors.set(name, error);
    };
    if (restarted.some(({ manifest }) => manifest.user === undefined)) await restartFor(undefined);
    await several(new Set(restarted.flatMap(({ manifest }) => manifest.user ?? [])), restartFor);
    return errors;
  } finally {
    await held.release();
  }
}

function unitsOf(service: Manifest, state: HostState, host: string): Restarted | ApplyError {
  const { name, path, user } = service;
  const refuse = (problem: string, advice?: string) =>
    new ApplyError({ host, service: path, action: `restart ${name}`, problem, advice, untouched: true });
  const record = state.records.get(name);
  if (!record || !belongsTo(record.manifest, service)) return refuse('it is not on the host', 'bulkhead apply');
  const { manifest } = record;
  if (user !== undefined && state.users.get(user)?.running !== true)
    return refuse(`the systemd of ${user} is not running`, 'bulkhead apply, which starts it');
  const { units: actual } = stateFor(state, user);
  const units = Object.entries(manifest.units).flatMap(([unit, { state: wanted }]) =>
    wanted !== undefined || actual.get(unit)?.activeState === 'active' ? [unit] : [],
  );
  if (units.length > 0) return { manifest, units };
  const [unit] = Object.keys(manifest.units);
  return unit === undefined
    ? refuse('it has no units')
    : refuse(`${unit} is not running, and another unit starts it`, `systemctl start ${unit}`);
}

async function restartUnits(
  transport: Transport,
  restarted: readonly Restarted[],
  user: string | undefined,
  state: HostState,
  { progress, signal }: RestartOptions,
): Promise<ReadonlyMap<string, ApplyError>> {
  const all = restarted.flatMap(({ manifest, units }) => units.map((unit) => ({ manifest, unit })));
  const units = all.map(({ unit }) => unit);
  const { units: actual } = stateFor(state, user);
  const watched = all.flatMap(({ manifest, unit }): Watched[] => watchedUnit(unit, manifest.units[unit]));
  // What needs a unit that restarts goes along with it, and is to run again in the end.
  const running = [...state.records.values()].flatMap(({ manifest }) =>
    manifest.user === user
      ? Object.keys(manifest.units).filter((unit) => actual.get(unit)?.activeState === 'active')
      : [],
  );
  let failed: Parameters<typeof unitErrors>[1] = [];
  const command = startCommand(
    { restart: units, start: [], loaded: units, active: running },
    watched,
    user,
    (started) => {
      failed = all.flatMap(({ manifest, unit }) => {
        const verdict = started.verdicts.get(unit);
        const { name, path } = manifest;
        if (verdict?.kind === 'skipped') progress?.(path, notStarted(unit, verdict.condition));
        if (verdict?.kind !== 'failed') return [];
        return [{ plan: { name, path, user, desired: manifest }, unit, verdict, ...started }];
      });
    },
  );
  await runInSequence(transport, [command], signal);
  return unitErrors(transport, failed, signal);
}

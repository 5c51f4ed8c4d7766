import { ApplyError, commandOf, observe, stateFor } from '../../engine';
import { belongsTo, type Manifest } from '../../manifest';
import type { Transport } from '../../transport';
import { RUNTIMES } from './runtimes';

export interface EnterOptions {
  /** Whether the command gets a terminal. */
  readonly tty: boolean;
  readonly signal?: AbortSignal;
}

/** States of a unit in which nothing of it runs. */
const ENDED = ['inactive', 'failed', 'maintenance'];

/**
 * The words that run a command on the host, as root, inside of what runs a service: with its root, its network and its
 * user, and where the runtime itself can do it with its limits.
 * @param service as its stack, or the records of the host, have it
 * @throws ApplyError when the service does not run, or can't be entered
 * @throws TransportError when the host can't be reached
 */
export async function enter(
  transport: Transport,
  service: Manifest,
  command: readonly string[],
  { tty, signal }: EnterOptions,
): Promise<readonly string[]> {
  const { name, path } = service;
  const refuse = (problem: string, advice?: string) =>
    new ApplyError({ host: transport.address, service: path, action: `enter ${name}`, problem, advice });
  const state = await observe(transport, { services: [name] }, signal);
  const record = state.records.get(name);
  if (!record || !belongsTo(record.manifest, service)) throw refuse('it is not on the host', 'bulkhead apply');
  const { runtime, user } = record.manifest;
  const entry = RUNTIMES[runtime]?.(record.manifest, tty) ?? {
    problem: `it has no program: what runs it is ${runtime}`,
    advice: 'run the command on the host itself',
  };
  if ('problem' in entry) throw refuse(entry.problem, entry.advice);
  const unit = `${name}.service`;
  const actual = stateFor(state, user).units.get(unit)?.activeState ?? 'inactive';
  if (ENDED.includes(actual)) throw refuse(`${unit} is ${actual}, expected active`, `bulkhead logs ${name}`);
  return commandOf(user, [...entry, ...command]);
}

import { posix } from 'node:path';
import { droppedAfter } from '../generations/numbering';
import { generationPath, saveCommands } from '../generations/save';
import { instancePath } from '../instance';
import { completed, recordFile, recordsOfBegun } from '../ownership';
import { GENERATIONS_DIR } from '../paths';
import { PHASES, type Phase } from '../phases';
import { recordPath } from '../record';
import { recordsOfUsers } from '../remade';
import { type Command, runInSequence } from '../sequence';
import type { HostState } from '../state';
import type { TarFile } from '../tar';
import { removeCommand, writeCommand } from '../write-files';
import { mayBeRefused, remove, write } from './files';
import { changeObjects, deleteObjects, hasObjects } from './objects';
import { findNotStarted, start, stepsToStart } from './start';
import { disable, enable, reload, startManagers, stop } from './units';
import { attempt, type Part, pending, removals, several, stepsOf, type Work } from './work';

/** The work of the engine itself in each phase. A kind of object does its own work in the phases that it has chosen. */
const PARTS: Partial<Readonly<Record<Phase, Part>>> = {
  stop,
  disable,
  write,
  remove,
  enable,
  reload,
  // In the same command as the restarts, since a unit may pull in another unit.
  start,
};

/**
 * Carries out plans, phase by phase for all plans. If a service fails, its error is in the errors of the work, and the
 * other services go on. Commands that need no answer in between run in one session, for the system and for each user. It
 * can be called again with other plans, also from within.
 * @returns the present state of the host, or undefined if another look is needed to know it
 * @throws TransportError when the host is lost, ApplyError when something fails that concerns all services
 */
export async function commit(work: Work): Promise<HostState | undefined> {
  // From here on, parts of an interrupted apply are known to be ours.
  const begun = [...recordsOfBegun(pending(work), work.before), ...recordsOfUsers(pending(work), work.before)];
  let waiting: Phase[] = [];
  let records: readonly TarFile[] = begun;
  let first: readonly Command[] = saveCommands(pending(work), work.before);
  const flush = async () => {
    await runPhases(work, waiting, first, records);
    [waiting, first, records] = [[], [], []];
  };
  for (const phase of PHASES) {
    if (phase === 'delete') break;
    if (hasObjects(work, phase)) {
      await flush();
      await changeObjects(work, phase);
    }
    if (phase === 'prepare') await startManagers(work);
    waiting.push(phase);
    // The following phases are for the services that were not refused.
    if (phase === 'remove' && mayBeRefused(work)) await flush();
  }
  await flush();
  await findNotStarted(work);
  await deleteObjects(work);
  await record(work);
  const deleted = removals(work).length > 0 || stepsOf(work, 'delete').length > 0;
  return deleted ? undefined : work.settled;
}

/** Does the engine's own work in some phases: first for the system, then for users, several at once. */
async function runPhases(
  work: Work,
  phases: readonly Phase[],
  first: readonly Command[],
  records: readonly TarFile[],
): Promise<void> {
  const { transport, tools } = work;
  const ofSystem = [...first, ...(await commandsOf(work, phases, undefined, records))];
  const users = new Set(pending(work).flatMap(({ user }) => user ?? []));
  const starts = phases.includes('start') && stepsToStart(work).length > 0;
  // If there is no work left for users, the started units are looked at in the same session.
  const last = starts && users.size === 0 ? [work.observeLater((state) => (work.settled = state))] : [];
  await runInSequence(transport, [...ofSystem, ...last], tools.signal);
  await several(users, async (user) => {
    const plans = pending(work).filter((plan) => plan.user === user);
    await attempt(work, plans, async () =>
      runInSequence(transport, await commandsOf(work, phases, user, []), tools.signal),
    );
  });
}

async function commandsOf(
  work: Work,
  phases: readonly Phase[],
  user: string | undefined,
  records: readonly TarFile[],
): Promise<Command[]> {
  const commands: Command[] = [];
  let unwritten = records;
  const plans = pending(work).filter((plan) => plan.user === user);
  for (const phase of phases) {
    // In the same session as the files, unless something else comes first.
    const isFirst = phase === 'write' && commands.length === 0;
    const own = (await PARTS[phase]?.(work, user, plans, isFirst ? unwritten : [])) ?? [];
    if (own.length > 0 && !isFirst && unwritten.length > 0) commands.push(await writeCommand(unwritten));
    if (own.length > 0) unwritten = [];
    commands.push(...own);
  }
  if (unwritten.length > 0) commands.push(await writeCommand(unwritten));
  return commands;
}

/** Writes the records of finished services, and deletes the records of removed services. */
async function record(work: Work): Promise<void> {
  const { transport, before, tools } = work;
  const done = pending(work).flatMap((plan) => (plan.desired ? completed(plan, plan.desired, before) : []));
  const gone = [
    ...removals(work).flatMap(({ name }) => [posix.join(GENERATIONS_DIR, name), recordPath(name), instancePath(name)]),
    ...pending(work).flatMap(({ name, desired }) =>
      desired ? droppedAfter(desired, before.records.get(name)).map((number) => generationPath(name, number)) : [],
    ),
  ];
  const commands = [
    ...(done.length > 0 ? [await writeCommand(done.map(recordFile))] : []),
    ...(gone.length > 0 ? [removeCommand(gone)] : []),
  ];
  await runInSequence(transport, commands, tools.signal);
  const records = done.map((each) => [each.manifest.name, each] as const);
  work.settled &&= { ...work.settled, records: new Map([...work.settled.records, ...records]) };
}

import { posix } from 'node:path';
import { type Refusal, refusalErrors } from '../safe-paths';
import type { Command } from '../sequence';
import type { ServicePlan } from '../step';
import type { TarFile } from '../tar';
import { removeCommand, writeCommand } from '../write-files';
import { noteMountPoints } from './mount-points';
import { type Part, pending, stepsOf, tell, type Work } from './work';

/** Writes the files of services. A file that belongs to the user of its service is written as that user. */
export const write: Part = async (work, user, plans, records): Promise<Command[]> => {
  // Root writes the files that do not belong to the user, also for services of a user.
  const files = [...records, ...filesToWrite(work, user === undefined ? pending(work) : plans, user)];
  for (const { plan, step } of stepsOf(work, 'write', plans)) tell(work, plan, step);
  return [
    ...(files.length > 0 ? [await writeCommand(files, user, refuse(work, 'write'))] : []),
    ...(user === undefined ? noteMountPoints(pending(work)) : []),
  ];
};

/** If root refuses to enter a directory, only the services with files there fail. */
function refuse(work: Work, verb: 'write' | 'remove'): (refusals: readonly Refusal[]) => void {
  return (refusals) => {
    const errors = refusalErrors(work.transport.address, verb, pending(work), refusals);
    for (const [name, error] of errors) work.errors.set(name, error);
  };
}

/** Whether files may be in directories that root refuses to enter. This is known only after writing or removing them. */
export function mayBeRefused(work: Work): boolean {
  return [...stepsOf(work, 'write'), ...stepsOf(work, 'remove')].some(({ plan, step }) => {
    const owner = plan.desired?.files[step.key]?.owner ?? work.before.files.get(step.key)?.owner ?? 'root';
    return owner !== 'root';
  });
}

// Root would follow links that the user has put into the path.
function filesToWrite(work: Work, plans: readonly ServicePlan[], user: string | undefined): TarFile[] {
  return stepsOf(work, 'write', plans).flatMap(({ plan, step }) => {
    const file = plan.desired?.files[step.key];
    if (!file || (file.owner === plan.user ? plan.user : undefined) !== user) return [];
    const content = file.content ?? { file: work.tools.asset(file.asset ?? '') };
    const { mode, owner, group, inPlace } = file;
    return [{ path: step.key, mode, owner, group, inPlace, content }];
  });
}

/** Removes files in the directories of a user as that user, and other files as root. */
export const remove: Part = (work, user, plans): Command[] => {
  const steps = stepsOf(work, 'remove', user === undefined ? pending(work) : plans);
  const paths = steps.flatMap(({ plan, step }) => (ownerOf(work, plan, step.key) === user ? [step.key] : []));
  return paths.length > 0 ? [removeCommand(paths, user, refuse(work, 'remove'))] : [];
};

function ownerOf({ before }: Work, { user }: ServicePlan, path: string): string | undefined {
  const home = user === undefined ? undefined : before.users.get(user)?.home;
  const isTheirs = home && (posix.dirname(path).startsWith(`${home}/`) || path.startsWith('/run/user/'));
  return isTheirs ? user : undefined;
}

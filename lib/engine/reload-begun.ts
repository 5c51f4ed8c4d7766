import type { Transport } from '../transport';
import { runInSequence } from './sequence';
import type { ActualUser, HostState } from './state';
import { reloadCommand } from './units';
import type { Wanted } from './wanted';

/**
 * After an apply that was cut off, systemd may still have units whose files have changed or no longer exist. systemd
 * reports and handles such units correctly only after it has read its files again.
 * @returns whether systemd was reloaded, so that the host must be looked at again
 */
export async function reloadIfBegun(
  transport: Transport,
  { records, users }: HostState,
  { manifests, remove }: Wanted,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const names = [...manifests.map(({ name }) => name), ...remove];
  const begun = names.flatMap((name) => records.get(name) ?? []).filter((record) => record.begun);
  const owners = new Set(begun.map(({ manifest }) => manifest.user));
  const reachable = [...owners].filter((user) => user === undefined || isReachable(users.get(user)));
  await runInSequence(transport, reachable.map(reloadCommand), signal);
  return owners.size > 0;
}

function isReachable(user: ActualUser | undefined): boolean {
  return user?.running === true && user.problem === undefined;
}

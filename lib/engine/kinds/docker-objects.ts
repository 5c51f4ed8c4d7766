import type { KindName } from '../../manifest';
import type { Change } from '../kind';
import type { Purpose } from '../run';
import type { Scope } from '../scope';
import { askDocker, hasDocker } from './docker';

/** The purpose of a request for an object of docker, for errors. */
export function purposeOf(kind: KindName, { name, service }: Change, verb: string): Purpose {
  return { service, action: `${verb} ${kind.replace('docker-', '')} ${name}`, at: ['objects', `${kind}:${name}`] };
}

/** Deletes objects of docker. They may be missing already. @param path of an object in the Docker Engine API */
export async function deleteFromDocker(
  scope: Scope,
  kind: KindName,
  changes: readonly Change[],
  path: (name: string) => string,
): Promise<void> {
  if (changes.length === 0 || !(await hasDocker(scope))) return;
  for (const change of changes) {
    const purpose = purposeOf(kind, change, 'remove');
    await askDocker(scope, { method: 'DELETE', path: path(change.name), mayMiss: true, purpose });
  }
}

import type { KindName } from '../../manifest';
import type { Change } from '../kind';
import type { Purpose } from '../run';
import type { Scope } from '../scope';
import { askDocker, hasDocker } from './docker';

/** What an error says about an object of docker. */
export function purposeOf(kind: KindName, { name, service }: Change, verb: string): Purpose {
  return { service, action: `${verb} ${kind.replace('docker-', '')} ${name}`, at: ['objects', `${kind}:${name}`] };
}

/** Deletes objects of docker; fine when they are gone. @param path of one in the Docker Engine API */
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

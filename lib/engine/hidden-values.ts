import { kindOf, type Manifest } from '../manifest';
import { kindNamed } from './kinds';
import type { HostState } from './state';

/** Keys of the objects of a service that hold what must not be written down: only a look with their values tells of them. */
export function hiddenValues({ objects }: Pick<Manifest, 'objects'>): string[] {
  return Object.keys(objects).filter((key) => kindNamed(kindOf(key).kind).ask !== undefined);
}

/** A host as it was, with what a later look tells of such objects. */
export function withHiddenValues(state: HostState, manifest: Manifest, later: HostState): HostState {
  const objects = new Map(state.objects);
  for (const key of hiddenValues(manifest)) {
    const actual = later.objects.get(key);
    if (actual === undefined) objects.delete(key);
    else objects.set(key, actual);
  }
  return { ...state, objects, ...(later.unread && { unread: later.unread }) };
}

import { kindOf, type Manifest } from '../manifest';
import { kindNamed } from './kinds';
import type { HostState } from './state';

/** Keys of the objects of a service with a secret value. Only a look that gets the value can compare it. */
export function hiddenValues({ objects }: Pick<Manifest, 'objects'>): string[] {
  return Object.keys(objects).filter((key) => kindNamed(kindOf(key).kind).ask !== undefined);
}

/** Adds the objects with a secret value, as a later look found them, to an earlier state of the host. */
export function withHiddenValues(state: HostState, manifest: Manifest, later: HostState): HostState {
  const objects = new Map(state.objects);
  for (const key of hiddenValues(manifest)) {
    const actual = later.objects.get(key);
    if (actual === undefined) objects.delete(key);
    else objects.set(key, actual);
  }
  return { ...state, objects, ...(later.unread && { unread: later.unread }) };
}

import { kindOf, type ObjectPart } from '../manifest';
import { kindNamed } from './kinds';
import type { ServiceRecord } from './service-record';
import type { HostState, ScopeState } from './state';

const NOTHING: Omit<ScopeState, 'objects'> = { units: new Map(), loadPath: [], overrides: [], links: new Map() };

/**
 * The host as a service of a user sees it, with the units and objects of that user. Without a user, the host itself.
 */
export function stateFor(state: HostState, user: string | undefined, record?: ServiceRecord): HostState {
  if (user === undefined) return state;
  const actual = state.users.get(user);
  if (actual?.running) return { ...state, ...actual.scope };
  // Nothing is known of a user whose systemd does not run, so the record is the best guess.
  const theirs = actual && record ? recordedObjects(record) : [];
  return { ...state, ...(actual?.scope ?? NOTHING), objects: new Map([...objectsOfHost(state.objects), ...theirs]) };
}

/** Objects that exist once per host, not per user. */
export function objectsOfHost(objects: ScopeState['objects']): [string, unknown][] {
  return [...objects].filter(([key]) => kindOf(key).scope === 'host');
}

/** Objects of a service in the state in which they were created. */
export function objectsAsMade(objects: Readonly<Record<string, ObjectPart>>): [string, unknown][] {
  return Object.entries(objects).map(([key, object]) => {
    const { kind, of } = kindOf(key);
    return [key, kindNamed(kind).asMade(of, object)];
  });
}

function recordedObjects({ owns, manifest }: ServiceRecord): [string, unknown][] {
  const keys = owns.objects.filter((key) => kindOf(key).scope === 'user');
  return objectsAsMade(Object.fromEntries(keys.map((key) => [key, manifest.objects[key] ?? {}])));
}

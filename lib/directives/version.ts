import type { KeyEntry } from './catalog';
import { parseNumeral } from './numeral';

/** What runs on the host that the file is for. What is left out is not checked. */
export interface Target {
  /** Version of systemd, such as `257`. */
  readonly systemd?: number;
  /** Version of podman, such as `5.4.2`. */
  readonly podman?: string;
}

/** Why a target does not know a key; nothing if it does. */
export function problemOfVersion(entry: KeyEntry, rules: 'systemd' | 'quadlet', target: Target): string | undefined {
  const { since, ignoredSince, deprecated } = entry;
  if (rules === 'quadlet') {
    if (since === undefined || !target.podman || compare(target.podman, String(since)) >= 0) return undefined;
    return `available since podman ${since}, the host has ${target.podman}`;
  }
  const { systemd } = target;
  if (systemd === undefined) return undefined;
  if (ignoredSince && systemd >= ignoredSince) {
    const instead = typeof deprecated === 'string' ? `expected ${deprecated}` : 'expected nothing';
    return `ignored since systemd ${ignoredSince}, ${has(systemd)}, ${instead}`;
  }
  if (since && Number(since) > systemd) return `available since systemd ${since}, ${has(systemd)}`;
  return undefined;
}

/** Why a target does not know one value of a key; nothing if it does. */
export function problemOfValueVersion(
  value: string | number | boolean,
  entry: KeyEntry,
  { systemd, podman }: Target,
): string | undefined {
  const since = sinceOfValue(value, entry);
  const what = typeof value === 'string' ? JSON.stringify(value) : value;
  if (since?.systemd !== undefined && systemd !== undefined && since.systemd > systemd)
    return `${entry.enumSince ? value : what} is available since systemd ${since.systemd}, ${has(systemd)}`;
  if (since?.podman !== undefined && podman && compare(podman, since.podman) < 0)
    return `${what} ${since.why} before podman ${since.podman}, the host has ${podman}`;
  return undefined;
}

/** Whether some values of a key need a newer version than the key. */
export function dependsOnValue({ enumSince, listSince, suffixSince, class: escaping }: KeyEntry): boolean {
  return enumSince !== undefined || listSince !== undefined || suffixSince !== undefined || escaping === 'last';
}

/** First version that understands one value of a key, where the value is newer than the key. */
export function sinceOfValue(
  value: string | number | boolean,
  entry: KeyEntry,
): { readonly systemd?: number; readonly podman?: string; readonly why?: string } | undefined {
  const systemd = entry.enumSince?.[String(value)];
  if (systemd !== undefined) return { systemd };
  if (typeof value !== 'string') return undefined;
  if (entry.suffixSince && (entry.kind === 'size' ? parseNumeral(value) === undefined : value.includes(':')))
    return { systemd: entry.suffixSince };
  if (entry.class !== 'last') return undefined;
  if (value === '' && entry.emptySince) return { podman: entry.emptySince, why: 'is treated as not set' };
  // Every quote at either end was taken away, whether or not the other end had one.
  if (value.startsWith('"') || value.endsWith('"'))
    return { podman: '5.8.2', why: 'loses the double quotes at its ends' };
  return undefined;
}

/** Why a target takes only one value of a key; nothing if it takes several. */
export function problemOfCount(count: number, { listSince }: KeyEntry, { podman }: Target): string | undefined {
  if (count <= 1 || !listSince || !podman || compare(podman, listSince) >= 0) return undefined;
  return `more than one value is available since podman ${listSince}, the host has ${podman}`;
}

function has(systemd: number): string {
  return `the host has ${systemd}`;
}

/** Compares versions by their numbers. Negative: `a` is older. */
export function compare(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

// There are few versions, and they are compared for every key of every service.
const known = new Map<string, readonly number[]>();

function numbersOf(version: string): readonly number[] {
  const numbers = known.get(version) ?? version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  known.set(version, numbers);
  return numbers;
}

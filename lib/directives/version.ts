import type { KeyEntry } from './catalog';
import type { NewestKeys } from './newest-key';

/** What runs on the host that the file is for. What is left out is not checked. */
export interface Target {
  /** Version of systemd, such as `257`. */
  readonly systemd?: number;
  /** Version of podman, such as `5.4.2`. */
  readonly podman?: string;
}

/** Whether a target is as new as the newest keys and values of a file. */
export function knows(target: Target, { systemd, podman }: NewestKeys): boolean {
  if (systemd && target.systemd !== undefined && target.systemd < Number(systemd.version)) return false;
  return !podman || !target.podman || compare(target.podman, podman.version) >= 0;
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
  { enumSince }: KeyEntry,
  { systemd }: Target,
): string | undefined {
  const since = enumSince?.[String(value)];
  if (!since || systemd === undefined || since <= systemd) return undefined;
  return `${value} is available since systemd ${since}, ${has(systemd)}`;
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

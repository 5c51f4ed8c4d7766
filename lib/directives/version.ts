import type { KeyEntry } from './catalog';

/** What runs on the host that the file is for. What is left out is not checked. */
export interface Target {
  /** Version of systemd, such as `257`. */
  readonly systemd?: number;
  /** Version of podman, such as `5.4.2`. */
  readonly podman?: string;
}

/** Why a target does not know a key, or one value of it; nothing if it does. */
export function problemOfVersion(
  entry: KeyEntry & { readonly value?: unknown },
  rules: 'systemd' | 'quadlet',
  target: Target,
): string | undefined {
  if (rules === 'quadlet') {
    const { since } = entry;
    if (since === undefined || !target.podman || compare(target.podman, String(since)) >= 0) return undefined;
    return `available since podman ${since}, the host has ${target.podman}`;
  }
  const { systemd } = target;
  if (systemd === undefined) return undefined;
  if (entry.value !== undefined) {
    const since = entry.enumSince?.[String(entry.value)];
    return since && since > systemd ? `${entry.value} is available since systemd ${since}, ${has(systemd)}` : undefined;
  }
  if (entry.ignoredSince && systemd >= entry.ignoredSince) {
    const instead = typeof entry.deprecated === 'string' ? `expected ${entry.deprecated}` : 'expected nothing';
    return `ignored since systemd ${entry.ignoredSince}, ${has(systemd)}, ${instead}`;
  }
  if (entry.since && Number(entry.since) > systemd) return `available since systemd ${entry.since}, ${has(systemd)}`;
  return undefined;
}

function has(systemd: number): string {
  return `the host has ${systemd}`;
}

/** Compares versions by their numbers. Negative: `a` is older. */
export function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

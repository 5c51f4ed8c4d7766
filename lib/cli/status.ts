import { type ActualUnit, type HostFacts, type HostState, type ServiceRecord, stateFor } from '../engine';
import type { Manifest } from '../manifest';
import type { ErrorDocument } from './errors';
import { duration, table } from './terminal';

/** One service as it is on its host. */
export interface ServiceStatus {
  readonly stack: string;
  /** Name on the host. */
  readonly name: string;
  /** Construct path. */
  readonly path: string;
  readonly runtime: string;
  /**
   * The state of its units as systemd puts it, the one that most needs attention first: `failed`, `inactive`,
   * `activating`, ..., `active`. `applied` when it has no units, `absent` when it is not on the host.
   */
  readonly state: string;
  /** Since when its units are all active, ISO 8601. */
  readonly since?: string;
  /** Memory in use by all its units, in bytes. */
  readonly memory?: number;
}

/** What `bulkhead status --json` prints. */
export interface StatusDocument {
  readonly hosts: readonly {
    readonly stack?: string;
    readonly path?: string;
    readonly address: string;
    /** What the host is; missing when it could not be looked at. */
    readonly facts?: FactsDocument;
    readonly services: readonly ServiceStatus[];
    /** Why the host could not be looked at; it has no services then. */
    readonly error?: ErrorDocument;
  }[];
}

export interface FactsDocument {
  readonly os: string;
  readonly cgroup: 'v1' | 'v2';
  /** Programs that services may need and the host has, with the version where it matters. */
  readonly programs: Readonly<Record<string, string>>;
}

export function factsDocument({ os, cgroup, programs }: HostFacts): FactsDocument {
  return { os, cgroup, programs: Object.fromEntries(programs) };
}

/** A line: the system, then what runs services there. */
export function renderFacts({ os, cgroup, programs }: FactsDocument): string {
  const words = Object.entries(programs).map(([program, version]) => [program, version].filter(Boolean).join(' '));
  return [os, `cgroup ${cgroup}`, ...words].join(', ');
}

const ATTENTION = ['failed', 'inactive', 'deactivating', 'activating', 'reloading', 'active'];

export function statusOf(manifest: Manifest, record: ServiceRecord | undefined, state: HostState): ServiceStatus {
  const { stack, name, path, runtime } = manifest;
  const about = { stack, name, path, runtime };
  if (!record) return { ...about, state: 'absent' };
  const { units: known } = stateFor(state, record.manifest.user);
  const units = record.owns.units.map((unit) => known.get(unit));
  if (units.length === 0) return { ...about, state: 'applied' };
  const states = units.map((unit) => unit?.activeState ?? 'inactive');
  const worst = ATTENTION.find((word) => states.includes(word)) ?? states[0] ?? 'inactive';
  const since = worst === 'active' ? latest(units) : undefined;
  const memory = units.reduce((sum, unit) => sum + memoryOf(unit), 0);
  return { ...about, state: worst, ...(since && { since }), ...(memory > 0 && { memory }) };
}

function latest(units: readonly (ActualUnit | undefined)[]): string | undefined {
  const times = units.flatMap((unit) => parseTimestamp(unit?.activeEnterTimestamp ?? '') ?? []);
  return times.length > 0 ? new Date(Math.max(...times)).toISOString() : undefined;
}

/** Reads what systemctl(1) prints: `@1763900000`, or `Sun 2025-11-23 12:13:20 UTC`. Milliseconds. */
export function parseTimestamp(text: string): number | undefined {
  const unix = /^@(\d+)$/.exec(text)?.[1];
  const ms = unix ? Number(unix) * 1000 : Date.parse(text.replace(/^[A-Z][a-z]{2} /, ''));
  return Number.isNaN(ms) || ms === 0 ? undefined : ms;
}

function memoryOf(unit: ActualUnit | undefined): number {
  const bytes = Number(unit?.memoryCurrent);
  // systemd prints the highest number there is for "not known".
  return Number.isSafeInteger(bytes) ? bytes : 0;
}

export function renderStatus(services: readonly ServiceStatus[], now: number): string[] {
  const rows = services.map(({ name, runtime, state, since, memory }) => [
    name,
    runtime,
    state,
    since ? duration(Math.max(0, now - Date.parse(since))) : '-',
    memory === undefined ? '-' : bytes(memory),
  ]);
  return table([['NAME', 'RUNTIME', 'STATE', 'SINCE', 'MEMORY'], ...rows]);
}

/** As systemd writes sizes: 512K, 18M, 1.2G. */
export function bytes(number: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = number;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)}${units[unit]}`;
}

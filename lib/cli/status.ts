import { type ActualUnit, type HostFacts, type HostState, type ServiceRecord, stateFor } from '../engine';
import type { Manifest } from '../manifest';
import type { NetworkDocument } from '../network';
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
   * `activating`, ..., `active`. `waiting` for a timer or path unit and `listening` for a socket, until it starts its
   * service. `done` for a job that has run, and `skipped` for a unit whose condition does not hold. `applied` when it has no
   * units, `absent` when it is not on the host.
   */
  readonly state: string;
  /** Since when its units are all active, ISO 8601. */
  readonly since?: string;
  /** When its timer starts it next, ISO 8601. Missing for a timer that counts from an event, such as a boot. */
  readonly next?: string;
  /** When its timer last started it, ISO 8601. */
  readonly last?: string;
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
    /** The networks of these services, if they were asked for. */
    readonly networks?: readonly NetworkDocument[];
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

/** States of units that are as they should be: of a timer, path or socket, what it does while it is active. */
const WELL = ['done', 'skipped', 'active', 'running', 'waiting', 'listening'];
const ATTENTION = ['failed', 'inactive', 'deactivating', 'activating', 'reloading', 'elapsed', ...WELL];

export function statusOf(manifest: Manifest, record: ServiceRecord | undefined, state: HostState): ServiceStatus {
  const { stack, name, path, runtime } = manifest;
  const about = { stack, name, path, runtime };
  if (!record) return { ...about, state: 'absent' };
  if (record.owns.units.length === 0) return { ...about, state: 'applied' };
  const { units: known } = stateFor(state, record.manifest.user);
  const units = record.owns.units.flatMap((unit) => known.get(unit) ?? []);
  const states = record.owns.units.flatMap((unit) => stateOf(unit, known.get(unit), record));
  const worst = ATTENTION.find((word) => states.includes(word)) ?? states[0] ?? 'inactive';
  const active = units.filter(({ activeState }) => activeState === 'active');
  const times = {
    since: WELL.includes(worst) ? iso(Math.max(...timesOf(active, 'activeEnterTimestamp'))) : undefined,
    next: iso(Math.min(...timesOf(active, 'nextElapse'))),
    last: iso(Math.max(...timesOf(units, 'lastTrigger'))),
  };
  const memory = units.reduce((sum, unit) => sum + memoryOf(unit), 0);
  const present = Object.entries(times).filter(([, time]) => time !== undefined);
  return { ...about, state: worst, ...Object.fromEntries(present), ...(memory > 0 && { memory }) };
}

/** The state of a unit. One that another unit starts counts only while it runs, and when it has failed. */
function stateOf(name: string, unit: ActualUnit | undefined, { manifest: { units }, begun }: ServiceRecord): string[] {
  const state = unit?.activeState ?? 'inactive';
  const wanted = units[name];
  if (state === 'inactive' && wanted && wanted.state === undefined) return [];
  if (state === 'inactive' && wanted?.state === 'done' && !begun) return ['done'];
  if (state === 'inactive' && unit?.unmet !== undefined) return ['skipped'];
  const waits = /\.(?:timer|path|socket)$/.test(name) && state === 'active' && unit?.subState;
  return [waits || state];
}

function timesOf(units: readonly ActualUnit[], key: 'activeEnterTimestamp' | 'nextElapse' | 'lastTrigger'): number[] {
  return units.flatMap((unit) => parseTimestamp(unit[key] ?? '') ?? []);
}

function iso(ms: number): string | undefined {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : undefined;
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
  const distance = (time: string | undefined) => (time ? duration(Math.abs(now - Date.parse(time))) : '-');
  const timers = services.some(({ next, last }) => next ?? last);
  const rows = services.map(({ name, runtime, state, since, next, last, memory }) => [
    name,
    runtime,
    state,
    distance(since),
    memory === undefined ? '-' : bytes(memory),
    ...(timers ? [distance(next), distance(last)] : []),
  ]);
  return table([['NAME', 'RUNTIME', 'STATE', 'SINCE', 'MEMORY', ...(timers ? ['NEXT IN', 'LAST'] : [])], ...rows]);
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

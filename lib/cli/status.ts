import { type ActualUnit, type HostFacts, type HostState, type ServiceRecord, stateFor } from '../engine';
import type { Manifest } from '../manifest';
import type { NetworkDocument } from '../network';
import type { ErrorDocument } from './errors';
import { networksOf } from './networks';

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
   * `activating`, ..., `active`. `healthy` in place of `active` for a service whose start waited for its `health`. `waiting` for a timer or path unit and `listening` for a socket, until it starts its
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
  /** How often systemd has started its units again on its own, since somebody started them. */
  readonly restarts?: number;
  /** Memory in use by all its units, in bytes. */
  readonly memory?: number;
  /** Its IPv4 address on the network of its host. */
  readonly address?: string;
  /** Ports of the host that lead to it: `8080/tcp` on every address, `127.0.0.1:53/udp` on one. */
  readonly ports?: readonly string[];
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
const WELL = ['done', 'skipped', 'healthy', 'active', 'running', 'waiting', 'listening'];
const ATTENTION = ['failed', 'inactive', 'deactivating', 'activating', 'reloading', 'elapsed', ...WELL];

export function statusOf(manifest: Manifest, record: ServiceRecord | undefined, state: HostState): ServiceStatus {
  const { stack, name, path, runtime } = manifest;
  const about = { stack, name, path, runtime };
  if (!record) return { ...about, state: 'absent' };
  const reached = { ...addressOf(name, state), ...portsOf(record.manifest) };
  if (record.owns.units.length === 0) return { ...about, state: 'applied', ...reached };
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
  const counted = units.flatMap(({ restarts = '' }) => (restarts === '' ? [] : [Number(restarts)]));
  return {
    ...about,
    state: worst,
    ...Object.fromEntries(present),
    ...(counted.length > 0 && { restarts: counted.reduce((sum, restarts) => sum + restarts, 0) }),
    ...(memory > 0 && { memory }),
    ...reached,
  };
}

function addressOf(name: string, state: HostState): Pick<ServiceStatus, 'address'> {
  const members = networksOf([...state.records.keys()], state).flatMap(({ services }) => services);
  const address = members.find((member) => member.name === name)?.address;
  return address === undefined ? {} : { address };
}

function portsOf({ claims = [] }: Manifest): Pick<ServiceStatus, 'ports'> {
  const ports = claims.flatMap((claim) => {
    const [, protocol, address = '', port] = /^(tcp|udp) (.*):([^:]+)$/.exec(claim) ?? [];
    if (protocol === undefined) return [];
    return [`${EVERY_ADDRESS.includes(address) ? '' : `${address}:`}${port}/${protocol}`];
  });
  return ports.length > 0 ? { ports } : {};
}

const EVERY_ADDRESS = ['*', '0.0.0.0', '[::]'];

/** The state of a unit. One that another unit starts counts only while it runs, and when it has failed. */
function stateOf(name: string, unit: ActualUnit | undefined, { manifest: { units }, begun }: ServiceRecord): string[] {
  const state = unit?.activeState ?? 'inactive';
  const wanted = units[name];
  if (state === 'inactive' && wanted && wanted.state === undefined) return [];
  if (state === 'inactive' && wanted?.state === 'done' && !begun) return ['done'];
  if (state === 'inactive' && unit?.unmet !== undefined) return ['skipped'];
  if (state === 'active' && wanted?.probed) return ['healthy'];
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

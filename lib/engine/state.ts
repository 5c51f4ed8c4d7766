import type { Manifest } from '../manifest';
import type { Links } from './parts/link';

/** A file as it lies on the host. */
export interface ActualFile {
  readonly type: 'file' | 'symlink' | 'directory' | 'other';
  readonly content?: Buffer;
  /** SHA-256 of the content, for files too large to be read as a whole. */
  readonly sha256?: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/**
 * A unit as systemd knows it: the properties of systemctl(1) show that decide anything here. Of one that is ours and
 * active only its three states are known, unless details were asked for.
 */
export interface ActualUnit {
  readonly loadState: string;
  readonly activeState: string;
  readonly unitFileState: string;
  readonly subState: string;
  /** Where it was loaded from; empty when systemd has no file for it. */
  readonly fragmentPath: string;
  /** The file that a generator made it from, such as a Quadlet file. */
  readonly sourcePath: string;
  readonly result: string;
  readonly activeEnterTimestamp: string;
  readonly memoryCurrent: string;
}

/** A loaded unit of which no more is known than these two. */
export function unitIn(activeState: string, unitFileState: string): ActualUnit {
  return {
    loadState: 'loaded',
    activeState,
    unitFileState,
    subState: '',
    fragmentPath: '',
    sourcePath: '',
    result: '',
    activeEnterTimestamp: '',
    memoryCurrent: '',
  };
}

/**
 * What Bulkhead remembers on the host about a service: proof that it owns what it made, and what the running units
 * were started with.
 */
export interface ServiceRecord {
  /** The manifest that was applied last, with a digest in the place of each file's content. */
  readonly manifest: Manifest;
  /** Files, units and images that are the service's own, those of an apply that was cut off included. */
  readonly owns: {
    readonly files: readonly string[];
    readonly units: readonly string[];
    readonly images: readonly string[];
    readonly objects: readonly string[];
    readonly users: readonly string[];
  };
  /** Whether it was applied as a whole at least once. */
  readonly complete: boolean;
  /** An apply has begun and not ended: systemd may not have read yet what is written. */
  readonly begun?: true;
  /** Digest of what each unit read when it was last started. */
  readonly applied: Readonly<Record<string, string>>;
}

/** A file in one of systemd's or Quadlet's directories that may change what a unit is. */
export interface Override {
  readonly path: string;
  /** The unit or Quadlet file that it is about. */
  readonly name: string;
  readonly dropIn: boolean;
  /** Where it links to; empty for a file. */
  readonly target: string;
}

/** What a host is. */
export interface HostFacts {
  /** PRETTY_NAME of os-release(5). */
  readonly os: string;
  /** Version of the control groups: hybrid counts as v1. */
  readonly cgroup: 'v1' | 'v2';
  /** Programs that are there, of those that services may need, with their version where it matters. */
  readonly programs: ReadonlyMap<string, string>;
}

/** What one systemd and one podman have: those of the system, or of a user. */
export interface ScopeState {
  readonly units: ReadonlyMap<string, ActualUnit>;
  /** Directories that its units come from, highest precedence first. */
  readonly loadPath: readonly string[];
  readonly overrides: readonly Override[];
  /** What starts its units, or is another name of them. */
  readonly links: Links;
  /** Images in podman's store and roots of machines, by the name a manifest gives them, with podman's image ID. */
  readonly images: ReadonlyMap<string, { readonly id: string }>;
  /** Networks, volumes and images of podman, and network interfaces: those that were asked for and others. */
  readonly objects: ReadonlySet<string>;
}

/** A user as the host knows it. */
export interface ActualUser {
  readonly home: string;
  /** Its primary group. */
  readonly group: string;
  /** Whether it has ranges in subuid(5) and subgid(5). */
  readonly subordinateIds: boolean;
  /** Whether its systemd is started at boot. */
  readonly linger: boolean;
  /** Whether its systemd runs; nothing is known of what it would run otherwise. */
  readonly running: boolean;
  readonly scope: ScopeState;
}

/** What one look at a host found. A key that is absent from a map does not exist on the host. */
export interface HostState extends ScopeState {
  readonly facts: HostFacts;
  readonly records: ReadonlyMap<string, ServiceRecord>;
  /** Names of services whose record can't be read. */
  readonly damaged: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, ActualFile>;
  /** Users that services run as. */
  readonly users: ReadonlyMap<string, ActualUser>;
}

const NOTHING: ScopeState = {
  units: new Map(),
  loadPath: [],
  overrides: [],
  links: new Map(),
  images: new Map(),
  objects: new Set(),
};

/** The host as a service of a user sees it: with the units, images and objects of that user; without a user, as it is. */
export function stateFor(state: HostState, user: string | undefined, record?: ServiceRecord): HostState {
  if (user === undefined) return state;
  const actual = state.users.get(user);
  if (!actual || actual.running || !record) return { ...state, ...(actual?.scope ?? NOTHING) };
  // Its podman was not asked; what is recorded is the best guess.
  const images = record.owns.images.map((key) => [key, { id: record.manifest.images[key]?.id ?? '-' }] as const);
  return { ...state, ...actual.scope, images: new Map(images), objects: new Set(record.owns.objects) };
}

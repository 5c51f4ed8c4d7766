import type { Links } from './parts/link';
import type { ServiceRecord } from './service-record';
import type { Values } from './values';

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
  /** The file that a generator made it from. */
  readonly sourcePath: string;
  readonly result: string;
  readonly activeEnterTimestamp: string;
  /** How often systemd has started it again on its own. */
  readonly restarts?: string | undefined;
  readonly memoryCurrent: string;
  /** When a timer starts its unit next, and when it last did. */
  readonly nextElapse?: string | undefined;
  readonly lastTrigger?: string | undefined;
  /** A condition that does not hold, for which systemd skipped its start: `ConditionPathExists=/etc/web`. */
  readonly unmet?: string;
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

/** A file in a directory that systemd or a generator reads, which may change what a unit is. */
export interface Override {
  readonly path: string;
  /** The unit or other file that it is about. */
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
  /** Its processor, as uname(1) names it: x86_64. Empty when that is not known. */
  readonly machine: string;
  /** Programs that are there, of those that services may need, with their version where it matters. */
  readonly programs: ReadonlyMap<string, string>;
}

/** An interface, and which file systemd-networkd and systemd-udevd have read for it. */
export interface ActualInterface {
  readonly name: string;
  /** Its hardware address and the one that it came with, in lower case. */
  readonly addresses: readonly string[];
  readonly network?: string;
  readonly link?: string;
}

/** A process that listens on an address of the host. */
export interface Listener {
  /** The address as a claim: `tcp 0.0.0.0:8080`. */
  readonly claim: string;
  readonly program: string;
  readonly pid: string;
  /** Its unit: the last one in the path of its control group. Empty when it is in none. */
  readonly unit: string;
  /** Whether a user's own systemd runs that unit. */
  readonly ofUser: boolean;
}

/** What a user has, or the system. */
export interface ScopeState {
  readonly units: ReadonlyMap<string, ActualUnit>;
  /** Directories that its units come from, highest precedence first. */
  readonly loadPath: readonly string[];
  readonly overrides: readonly Override[];
  /** What starts its units, or is another name of them. */
  readonly links: Links;
  /** Units that have the names which services claim of engines, by the claim: `machine web`. Empty for what no unit has. */
  readonly names?: ReadonlyMap<string, string>;
  /** Objects by their keys, as their kinds know them: those that were asked for and others. A user's include the host's. */
  readonly objects: ReadonlyMap<string, unknown>;
}

/** A user as the host knows it. */
export interface ActualUser {
  readonly home: string;
  /** Whether its systemd runs; nothing is known of what it would run otherwise. */
  readonly running: boolean;
  /** Why it is not known what the user has, in words: then nothing is done to services of that user. */
  readonly problem?: string;
  readonly scope: ScopeState;
}

/** What one look at a host found. A key that is absent from a map does not exist on the host. */
export interface HostState extends ScopeState {
  readonly facts: HostFacts;
  readonly records: ReadonlyMap<string, ServiceRecord>;
  /** Services whose record can't be read, and what is wrong with it. */
  readonly damaged: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, ActualFile>;
  /** Of the users and groups that own files, those that there are: `user shop`, `group www-data`. */
  readonly accounts?: ReadonlySet<string>;
  /** Of the needs of services that are looked at, those that are met. */
  readonly met?: ReadonlySet<string>;
  /** Who listens on ports that such services claim. */
  readonly listeners?: readonly Listener[];
  /** Looked at where files of systemd-networkd are asked for. */
  readonly interfaces?: readonly ActualInterface[];
  /** Secret values that could not be read on this machine. */
  readonly unread?: Values;
  /** Users that services run as. */
  readonly users: ReadonlyMap<string, ActualUser>;
}

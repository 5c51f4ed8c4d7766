import type { Links } from './parts/link';
import type { ServiceRecord } from './service-record';
import type { Values } from './values';

/** A file on the host. */
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
 * A unit as systemd knows it: the properties of systemctl(1) show that the engine needs. For an active unit of ours,
 * only the three states are known, unless details were asked for.
 */
export interface ActualUnit {
  readonly loadState: string;
  readonly activeState: string;
  readonly unitFileState: string;
  readonly subState: string;
  /** File that the unit was loaded from; empty when systemd has no file for the unit. */
  readonly fragmentPath: string;
  /** File that a generator created the unit from. */
  readonly sourcePath: string;
  readonly result: string;
  readonly activeEnterTimestamp: string;
  /** How often systemd has restarted the unit on its own. */
  readonly restarts?: string | undefined;
  readonly memoryCurrent: string;
  /** When a timer starts its unit next, and when it last started the unit. */
  readonly nextElapse?: string | undefined;
  readonly lastTrigger?: string | undefined;
  /** Condition that was not met, so that systemd skipped the start: `ConditionPathExists=/etc/web`. */
  readonly unmet?: string;
}

/** A loaded unit. Only these two properties of it are known. */
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

/** A file in a directory that systemd or a generator reads. It can change the settings of a unit. */
export interface Override {
  readonly path: string;
  /** The unit, or other file, that the file changes. */
  readonly name: string;
  readonly dropIn: boolean;
  /** Target of a link; empty for a file. */
  readonly target: string;
}

/** Facts about a host. */
export interface HostFacts {
  /** PRETTY_NAME of os-release(5). */
  readonly os: string;
  /** Version of the control groups. Hybrid counts as v1. */
  readonly cgroup: 'v1' | 'v2';
  /** Processor, as uname(1) names it: x86_64. Empty when it is not known. */
  readonly machine: string;
  /** Installed programs that services may need, with their version where it matters. */
  readonly programs: ReadonlyMap<string, string>;
}

/** An interface, and the files that systemd-networkd and systemd-udevd have read for it. */
export interface ActualInterface {
  readonly name: string;
  /** Current and permanent hardware address, in lower case. */
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
  /** Unit of the process: the last unit in the path of its control group. Empty when there is no unit in the path. */
  readonly unit: string;
  /** Whether the systemd of a user runs that unit. */
  readonly ofUser: boolean;
}

/** Units and objects of a user, or of the system. */
export interface ScopeState {
  readonly units: ReadonlyMap<string, ActualUnit>;
  /** Directories that units are loaded from, highest precedence first. */
  readonly loadPath: readonly string[];
  readonly overrides: readonly Override[];
  /** Links that start units, or give them another name. */
  readonly links: Links;
  /** Unit that has a name which a service claims in an engine, by the claim: `machine web`. Empty for no unit. */
  readonly names?: ReadonlyMap<string, string>;
  /** Objects by key, as their kinds read them. The objects of a user include the objects of the host. */
  readonly objects: ReadonlyMap<string, unknown>;
}

/** A user on the host. */
export interface ActualUser {
  readonly home: string;
  /** Whether the user's systemd is running. If not, nothing is known about its units. */
  readonly running: boolean;
  /** Why the state of the user is not known, in words. Services of that user are then not changed. */
  readonly problem?: string;
  readonly scope: ScopeState;
}

/** Result of one look at a host. A key that is absent from a map does not exist on the host. */
export interface HostState extends ScopeState {
  readonly facts: HostFacts;
  readonly records: ReadonlyMap<string, ServiceRecord>;
  /** Services whose record can't be read, and what is wrong with the record. */
  readonly damaged: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, ActualFile>;
  /** Owners of files that exist on the host: `user shop`, `group www-data`. */
  readonly accounts?: ReadonlySet<string>;
  /** Needs of the observed services that are met. */
  readonly met?: ReadonlySet<string>;
  /** Processes that listen on ports which the observed services claim. */
  readonly listeners?: readonly Listener[];
  /** Interfaces. Read only if files of systemd-networkd are asked for. */
  readonly interfaces?: readonly ActualInterface[];
  /**
   * What the planned service uses of others and their plans make again, and why, by how the service refers to it. Its units
   * restart or reload.
   */
  readonly remade?: ReadonlyMap<string, string>;
  /** Secret values that could not be read on this machine. */
  readonly unread?: Values;
  /** Users that services run as. */
  readonly users: ReadonlyMap<string, ActualUser>;
}

import type { KindName, Manifest, ObjectPart } from '../manifest';
import type { ImpactKind } from './impact-kinds';
import type { Phase } from './phases';
import type { Scope } from './scope';

/**
 * One kind of object on a host beside files and units, such as a volume, an image or a user. `manifest/kinds.ts` has a
 * row of the same name, with the form of its names and fields.
 *
 * The engine itself handles everything that kinds have in common: the owner of an object, foreign objects in the way,
 * its deletion with its service unless it is retained, the restart of the unit that creates a missing object, and the
 * stop of units that read an object before it is replaced.
 */
export interface Kind<Actual = unknown> {
  readonly name: KindName;
  /** Programs of the host that the kind needs. */
  readonly programs: Readonly<Record<string, Program>>;
  /**
   * Shell lines that inspect the host and change nothing. They run as the user who owns the objects, and get the names
   * on standard input, one per line. For each existing object they print a line: its name, a tab, and the text for
   * `read`. They may print other objects too. `$tags` is not empty if they should ask registries about tags.
   */
  readonly look: string;
  /**
   * A word that the look gets after the name of an object and a blank. Undefined: the look gets the name alone. `value` is
   * the secret value of the object, if it is known.
   */
  ask?(wanted: ObjectPart, value: Uint8Array | undefined): string | undefined;
  /** Reads what a line says after the tab. Plain JSON, since Terraform keeps it beside its state. Pure. */
  read(text: string): Actual;
  /** The result of `read` for an object in the state in which it was created. Pure. */
  asMade(name: string, object: ObjectPart): Actual;
  /** Steps that make the object match. Empty if it does. Not called for objects that a unit creates. Pure. */
  plan?(name: string, actual: Actual | undefined, wanted: ObjectPart, before: Before): readonly Task[];
  /**
   * Runs one phase for the objects of one user, or of the host, in as few commands as possible. `delete` must succeed
   * for an object that is missing, or was only loaded.
   * @throws ApplyError
   */
  act(phase: Phase, scope: Scope, changes: readonly Change[], tools: Tools): Promise<void>;
  /** Whether a foreign object is the wanted one, so that it is not in the way. */
  isSame?(actual: Actual, wanted: ObjectPart): boolean;
  /**
   * How an object of a unit differs from what is wanted: "has driver macvlan, expected bridge". A restart of the unit
   * creates the object anew. So does a start after `act` has removed the object in the phase `make`. An object with
   * data is never removed for that. Pure.
   */
  differs?(actual: Actual, wanted: ObjectPart): string | undefined;
  /** Advice for an object that still differs after that. */
  remedy?(name: string): string;
  /** What is lost with an object, as it completes "is removed with all that ...". */
  readonly holds?: string;
  /** What is replaced stays beside it, and comes back from there with all that was written into it. */
  readonly takesBack?: true;
  /** An object that was there before Bulkhead stays when its service goes, although it was adopted. */
  readonly outlivesAdoption?: true;
  /**
   * Set when the object's data is lost with its service, but must not be lost when the service is only replaced, unless
   * `retain` is false. Returns the advice for that case.
   * @default - the object is deleted in both cases
   */
  keptBy?(before: Manifest, after: Manifest): string;
  /**
   * Objects that get another name when a service moves to another stack, because their names contain the stack. Their data
   * is copied. Pure.
   */
  renamed?(before: Manifest, after: Manifest): readonly Renamed[];
}

/** An object that gets another name. */
export interface Renamed {
  readonly from: string;
  readonly to: string;
  /** Other objects of the service that name it, with the new name. */
  readonly users: Manifest['objects'];
  /** Command that copies the object, unless the new one exists. */
  readonly copy: readonly string[];
}

export interface Program {
  /** Debian package of the program. */
  readonly package: string;
  /** Shell command that prints the version, if the version matters. */
  readonly version?: string;
  /**
   * For a feature of a program: shell command that succeeds if the host has the feature. It runs when a service needs
   * the feature.
   */
  readonly test?: string;
  /** Problem and advice when it is missing. @default - the package is not installed */
  readonly missing?: { readonly problem: string; readonly advice: string };
}

/** An object before the plan. */
export interface Before {
  /** The object as last recorded. */
  readonly recorded: ObjectPart | undefined;
  /** Whether Bulkhead has no record of its service. */
  readonly isFirst: boolean;
  /** Whether the service adopts existing objects. */
  readonly adopt: boolean;
}

/** A step for an object, or an obstacle. */
export type Task =
  | { readonly phase: Phase; readonly reason: string; readonly impact?: ImpactKind; readonly isNewInput?: true }
  | { readonly obstacle: string; readonly advice?: string };

/** An object to change. */
export interface Change {
  readonly name: string;
  /** Undefined for an object to delete. */
  readonly wanted: ObjectPart | undefined;
  /** Construct path of its service. */
  readonly service: string;
}

/** What an action may use. */
export interface Tools {
  /** Where the asset of that digest lies on this machine. */
  readonly asset: (sha256: string) => string;
  /** The secret value of the object with that key, if it has one. */
  readonly value: (key: string) => Uint8Array | undefined;
  /** Names of services that are removed in the same apply. */
  readonly leaving: readonly string[];
  /** The services go back to what they were: what they have written since stays. @default false */
  readonly isBack?: boolean;
  readonly signal?: AbortSignal | undefined;
}

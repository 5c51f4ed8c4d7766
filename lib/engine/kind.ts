import type { KindName, Manifest, ObjectPart } from '../manifest';
import type { ImpactKind } from './impact-kinds';
import type { Phase } from './phases';
import type { Scope } from './scope';

/**
 * What the engine knows of one kind of object that a host holds beside files and units: a volume, an image, a user.
 * `manifest/kinds.ts` has a row of the same name, with what its names and fields look like.
 *
 * The engine does for all kinds what is alike: whose an object is, what stands in the way, that it is deleted with its
 * service unless it is retained, that the unit which makes it restarts when it is gone, and that units which read it
 * stop before it is replaced.
 */
export interface Kind<Actual = unknown> {
  readonly name: KindName;
  /** Programs that it needs on the host. */
  readonly programs: Readonly<Record<string, Program>>;
  /**
   * Lines of sh that look at the host and change nothing: run as the user whose objects they are, with the names asked
   * for on standard input, one a line. For each object that is there they print a line: its name, a tab, and what `read`
   * takes. They may tell of others, too. `$tags` is not empty where they are to ask registries about tags.
   */
  readonly look: string;
  /** Reads what a line says after the tab. Plain JSON, since Terraform keeps it beside its state. Pure. */
  read(text: string): Actual;
  /** What `read` gives for an object that is as it was made. Pure. */
  asMade(name: string, object: ObjectPart): Actual;
  /** What makes it as wanted; none when it is. Not asked about what a unit makes. Pure. */
  plan?(name: string, actual: Actual | undefined, wanted: ObjectPart, before: Before): readonly Task[];
  /**
   * Does one phase for objects of one user or of the host, in as few commands as there can be. To `delete` what is gone
   * already, or was only loaded, must succeed.
   * @throws ApplyError
   */
  act(phase: Phase, scope: Scope, changes: readonly Change[], tools: Tools): Promise<void>;
  /** Whether an object that something else made is the one that is wanted, so that it does not stand in the way. */
  isSame?(actual: Actual, wanted: ObjectPart): boolean;
  /**
   * How one that a unit makes differs from what is wanted: "has driver macvlan, expected bridge". A restart of the unit
   * makes it anew, and so does its start after `act` has removed it in the phase `make`, unless it holds data, which is
   * never removed for that. Pure.
   */
  differs?(actual: Actual, wanted: ObjectPart): string | undefined;
  /** What to do about one that goes on differing. */
  remedy?(name: string): string;
  /** What is lost with an object, as it completes "is removed with all that ...". */
  readonly holds?: string;
  /** An object that was there before Bulkhead stays when its service goes, although it was adopted. */
  readonly outlivesAdoption?: true;
  /**
   * Its data is lost with its service, and not when its service is only replaced, unless `retain` is false: says what to
   * do instead.
   * @default - it is deleted in both cases
   */
  keptBy?(before: Manifest, after: Manifest): string;
}

export interface Program {
  /** The Debian package that brings it. */
  readonly package: string;
  /** Words of a shell that print its version, where that matters. */
  readonly version?: string;
  /**
   * For something that a program can do, rather than a program: words of a shell that succeed where it can, which are run
   * when a service needs it.
   */
  readonly test?: string;
  /** What is wrong where it is missing, and what to do. @default - the package is not installed */
  readonly missing?: { readonly problem: string; readonly advice: string };
}

/** What is known of an object from before. */
export interface Before {
  /** The object as it was recorded last. */
  readonly recorded: ObjectPart | undefined;
  /** Bulkhead has no record of its service. */
  readonly isFirst: boolean;
  /** Whether the service takes over what is there. */
  readonly adopt: boolean;
}

/** Something to do about an object, or what keeps it from being done. */
export type Task =
  | { readonly phase: Phase; readonly reason: string; readonly impact?: ImpactKind }
  | { readonly obstacle: string; readonly advice?: string };

/** An object of which something is to be done. */
export interface Change {
  readonly name: string;
  /** None: it is to be deleted. */
  readonly wanted: ObjectPart | undefined;
  /** Construct path of its service. */
  readonly service: string;
}

/** What an action may use. */
export interface Tools {
  /** Where the asset of that digest lies on this machine. */
  readonly asset: (sha256: string) => string;
  /** Names of services that are removed in the same apply. */
  readonly leaving: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

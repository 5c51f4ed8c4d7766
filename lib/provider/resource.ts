import type { Diagnostic, Path } from './diagnostics';
import type { Schema } from './schema';
import type { PartlyUnknown } from './unknown';

/** What every operation of a resource gets besides its values. */
export interface Context {
  /** Aborts when the user presses Ctrl-C or Terraform is gone. Its reason is an error that says so: throw it on. */
  readonly signal: AbortSignal;
  /**
   * Plain JSON that Terraform keeps next to the state and never shows; undefined at first. Assign to replace it: plan,
   * read, create, update and import keep that if they succeed.
   */
  private: unknown;
  /** Tells the user something; the operation goes on. */
  warn(warning: Diagnostic): void;
  /** Makes the operation fail once it returns, so that several errors can be told at once. */
  error(error: Diagnostic): void;
}

/** A change to plan. */
export interface ProposedChange<Config, Computed> {
  readonly config: PartlyUnknown<Config>;
  /** What is there now; undefined when the object is to be created. */
  readonly prior: (Config & Computed) | undefined;
  /**
   * What Terraform expects to be there afterwards: the configuration, and for computed attributes `UNKNOWN` if anything
   * changes, or else what they were.
   */
  readonly planned: PartlyUnknown<Config & Computed>;
}

export interface Plan<Config, Computed> {
  /**
   * The state to promise. What is in the configuration must stay as it is. Computed attributes may be filled in, or set
   * to `UNKNOWN` to announce a change; what is promised must come true.
   */
  readonly planned: PartlyUnknown<Config & Computed>;
  /** Attributes whose change needs a new object, besides those that the schema flags. Unchanged ones are ignored. */
  readonly requiresReplace?: readonly Path[];
}

/** A planned change to carry out. */
export interface PlannedChange<Config, Computed> {
  /** Fully known, write-only attributes included. */
  readonly config: Config;
  /** The promised state. Computed attributes that were unknown are absent. */
  readonly planned: Config & Partial<Computed>;
}

/** What an operation made of the computed attributes. It may name any others, too. */
export type Outcome<Config, Computed> = Computed & Partial<Config>;

/**
 * A kind of object that Terraform manages. `Config` has the attributes that the user writes, `Computed` those that the
 * provider fills in. Attributes that are not set are absent. Operations may run in parallel, each in its own context.
 * An operation fails by throwing a `DiagnosticError`; any other exception is reported as a bug, with its stack.
 */
export interface Resource<Config extends object = object, Computed extends object = object> {
  readonly schema: Schema;
  /** Checks a configuration of which any part may be unknown. */
  validate?(config: PartlyUnknown<Config>, context: Context): void | Promise<void>;
  /**
   * Refines what Terraform proposes. Without it the proposal is the plan. Runs also when nothing changed, but not for a
   * deletion.
   */
  plan?(change: ProposedChange<Config, Computed>, context: Context): Promise<Plan<Config, Computed>>;
  /** Tells what the user should know before the object is removed. */
  planDelete?(state: Config & Computed, context: Context): void | Promise<void>;
  /** Returns what is there now, or undefined if it is gone. Runs before every plan. */
  read(state: Config & Computed, context: Context): Promise<(Config & Computed) | undefined>;
  /**
   * Creates the object. To fail with the object half made, report with `context.error` and return: Terraform then keeps
   * it as tainted and replaces it next time. After an exception Terraform knows of no object.
   */
  create(change: PlannedChange<Config, Computed>, context: Context): Promise<Outcome<Config, Computed>>;
  /** Changes the object in place. After an exception Terraform keeps the prior state. */
  update(
    change: PlannedChange<Config, Computed> & { readonly prior: Config & Computed },
    context: Context,
  ): Promise<Outcome<Config, Computed>>;
  /** Removes the object. It is no error if it is gone already. */
  delete(state: Config & Computed, context: Context): Promise<void>;
  /** Finds an object by the ID given to `terraform import`. `read` completes what it returns. */
  import?(id: string, context: Context): Promise<Partial<Config & Computed>>;
  /** Converts the JSON of a state that was written with an older version of the schema. */
  upgrade?(version: number, state: Readonly<Record<string, unknown>>): Partial<Config & Computed>;
}

/** All that the plugin serves. */
export interface Provider {
  /** Resources by type: `bulkhead_service`. */
  readonly resources: Readonly<Record<string, Resource>>;
  /**
   * Ends connections before the process ends, however Terraform ended. Operations may still be running, with their
   * signal aborted. After five seconds the process ends anyway.
   */
  close?(): Promise<void>;
}

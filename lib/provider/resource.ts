import type { Diagnostic, Path } from './diagnostics';
import type { Schema } from './schema';
import type { PartlyUnknown } from './unknown';

/** Context of every operation of a resource, besides its values. */
export interface Context {
  /** Aborts when the user presses Ctrl-C or Terraform ends. Its reason is an error with a message: rethrow it. */
  readonly signal: AbortSignal;
  /**
   * Plain JSON that Terraform keeps beside the state and never shows. Undefined at first. Assign to replace it: plan,
   * read, create, update and import keep the new value if they succeed.
   */
  private: unknown;
  /** Shows a warning to the user. The operation continues. */
  warn(warning: Diagnostic): void;
  /** Fails the operation once it returns, so that it can report several errors. */
  error(error: Diagnostic): void;
}

/** A change to plan. */
export interface ProposedChange<Config, Computed> {
  readonly config: PartlyUnknown<Config>;
  /** The current object. Undefined when the object is to be created. */
  readonly prior: (Config & Computed) | undefined;
  /**
   * What Terraform expects after the change: the configuration, and the computed attributes. These are `UNKNOWN` if
   * anything changes, and otherwise unchanged.
   */
  readonly planned: PartlyUnknown<Config & Computed>;
}

export interface Plan<Config, Computed> {
  /**
   * The promised state. Values of the configuration must stay unchanged. Computed attributes may be filled in, or set
   * to `UNKNOWN` to announce a change. The promise must come true.
   */
  readonly planned: PartlyUnknown<Config & Computed>;
  /**
   * Attributes whose change requires a new object, besides those that the schema marks. Unchanged attributes are
   * ignored.
   */
  readonly requiresReplace?: readonly Path[];
}

/** A planned change to apply. */
export interface PlannedChange<Config, Computed> {
  /** The configuration, fully known, including write-only attributes. */
  readonly config: Config;
  /** The promised state. Unknown computed attributes are absent. */
  readonly planned: Config & Partial<Computed>;
}

/** Values of the computed attributes after an operation, and optionally of others. */
export type Outcome<Config, Computed> = Computed & Partial<Config>;

/**
 * A type of object that Terraform manages. `Config` has the attributes that the user writes. `Computed` has those that
 * the provider fills in. Attributes that are not set are absent. Operations may run in parallel, each in its own
 * context. An operation fails by throwing a `DiagnosticError`. Any other exception is reported as a bug, with its
 * stack.
 */
export interface Resource<Config extends object = object, Computed extends object = object> {
  readonly schema: Schema;
  /** Checks a configuration of which any part may be unknown. */
  validate?(config: PartlyUnknown<Config>, context: Context): void | Promise<void>;
  /**
   * Refines Terraform's proposal. Without it, the proposal is the plan. It also runs when nothing changed, but not for
   * a deletion.
   */
  plan?(change: ProposedChange<Config, Computed>, context: Context): Promise<Plan<Config, Computed>>;
  /** Reports what the user should know before the object is removed. */
  planDelete?(state: Config & Computed, context: Context): void | Promise<void>;
  /** Returns the current object, or undefined if it no longer exists. Runs before every plan. */
  read(state: Config & Computed, context: Context): Promise<(Config & Computed) | undefined>;
  /**
   * Creates the object. If the object is only partly created, report the failure with `context.error` and return.
   * Terraform then keeps it as tainted, and replaces it next time. After an exception, Terraform knows of no object.
   */
  create(change: PlannedChange<Config, Computed>, context: Context): Promise<Outcome<Config, Computed>>;
  /** Changes the object in place. After an exception Terraform keeps the prior state. */
  update(
    change: PlannedChange<Config, Computed> & { readonly prior: Config & Computed },
    context: Context,
  ): Promise<Outcome<Config, Computed>>;
  /** Removes the object. It may be gone already. */
  delete(state: Config & Computed, context: Context): Promise<void>;
  /** Finds an object by the ID given to `terraform import`. `read` completes what it returns. */
  import?(id: string, context: Context): Promise<Partial<Config & Computed>>;
  /** Converts the JSON of a state that was written with an older version of the schema. */
  upgrade?(version: number, state: Readonly<Record<string, unknown>>): Partial<Config & Computed>;
}

/** Everything that the plugin serves. */
export interface Provider {
  /** Resources by type: `bulkhead_service`. */
  readonly resources: Readonly<Record<string, Resource>>;
  /**
   * Closes connections before the process ends, however Terraform ended. Operations may still be running, with their
   * signal aborted. After five seconds the process ends in any case.
   */
  close?(): Promise<void>;
}

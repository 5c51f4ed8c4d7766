import type { Manifest, PartKind } from '../manifest';
import type { Change } from './changes';
import type { ImpactKind } from './impact-kinds';
import type { Phase } from './phases';

/** One step for one service. */
export interface Step {
  readonly verb: Phase;
  readonly kind: PartKind;
  /** Path of the file, name of the unit, or key of the object. */
  readonly key: string;
  /** Reason, in words for the user: "content differs". It may name keys of a file, but no values. */
  readonly reason: string;
  /** How the content of a unit file differs. */
  readonly changes?: readonly Change[];
  /** Effect of the step on the object, if it does more than create a missing object. */
  readonly impact?: ImpactKind;
  /** The object gets another content because the user wants another one: a job that reads the object runs again. */
  readonly isNewInput?: true;
}

/** Why a service can't be applied. The service is then not touched. */
export interface Obstacle {
  readonly at: readonly string[];
  /** The action that can't be done, in words that complete "Cannot ...". */
  readonly action: string;
  readonly problem: string;
  readonly advice?: string;
}

/** The change of a service, in one word. */
export type Action = 'none' | 'create' | 'update' | 'repair' | 'destroy';

/** A service that moves to another runtime, with one stop and one start of each unit that both runtimes have. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** Units that keep running, such as the unit of its network. */
  readonly keeps: readonly string[];
}

/** The plan of one service. Without steps and obstacles, the host matches. */
export interface ServicePlan {
  readonly name: string;
  /** Construct path. */
  readonly path: string;
  /** User that the service runs as; undefined for root. */
  readonly user?: string | undefined;
  readonly action: Action;
  readonly steps: readonly Step[];
  readonly obstacles: readonly Obstacle[];
  /** The wanted manifest; undefined to remove the service. */
  readonly desired: Manifest | undefined;
  /** Set if the runtime changes. */
  readonly move?: Move | undefined;
  /** Objects that the service no longer declares and still owns. */
  readonly keeps?: readonly string[];
  /** Instance of the service after the apply. */
  readonly instance?: string | undefined;
}

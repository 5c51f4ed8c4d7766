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
  /** Why, in words for the user: "content differs". They may name keys of a file, and no values. */
  readonly reason: string;
  /** For a unit file whose content differs: how. */
  readonly changes?: readonly Change[];
  /** What the step does to the object, where it is more than to make what is missing. */
  readonly impact?: ImpactKind;
}

/** Why a service can't be applied as it is; nothing is touched then. */
export interface Obstacle {
  readonly at: readonly string[];
  /** What was to be done, as it completes "Cannot ...". */
  readonly action: string;
  readonly problem: string;
  readonly advice?: string;
}

/** What will happen to a service, in one word. */
export type Action = 'none' | 'create' | 'update' | 'repair' | 'destroy';

/** A service that another runtime runs from then on: one stop and one start of each unit that both have. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** Units that go on as they are, such as that of its network. */
  readonly keeps: readonly string[];
}

/** What has to be done for one service. No steps and no obstacles: the host matches. */
export interface ServicePlan {
  readonly name: string;
  /** Construct path. */
  readonly path: string;
  /** User that it runs as; none for root. */
  readonly user?: string | undefined;
  readonly action: Action;
  readonly steps: readonly Step[];
  readonly obstacles: readonly Obstacle[];
  /** What is wanted; none to remove the service. */
  readonly desired: Manifest | undefined;
  /** Set where its runtime changes. */
  readonly move?: Move | undefined;
  /** Objects that the service does not want and that stay its own. */
  readonly keeps?: readonly string[];
  /** Which instance of itself it is from then on. */
  readonly instance?: string | undefined;
}

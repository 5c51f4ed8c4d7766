import type { Manifest, PartKind } from '../manifest';
import type { Change } from './changes';

/**
 * The closed set of things that the engine does to a host, in the order in which it does them: over all services of
 * a group at once, so that there is one daemon-reload and one start of everything.
 */
export const VERBS = [
  'prepare', // a user
  'load', // bring an image onto the host
  'stop', // a unit that goes away, or whose root is about to be replaced
  'disable',
  'write', // a file
  'remove', // a file, an image or a user
  'enable',
  'restart',
  'start',
  'record', // nothing but Bulkhead's own record changes
] as const;
export type Verb = (typeof VERBS)[number];

/** One step for one service. */
export interface Step {
  readonly verb: Verb;
  readonly kind: PartKind;
  /** Path of the file, name of the unit, of the image or of the user. */
  readonly key: string;
  /** Why, in words for the user: "content differs". They may name keys of a file, and no values. */
  readonly reason: string;
  /** For a unit file whose content differs: how. */
  readonly changes?: readonly Change[];
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
}

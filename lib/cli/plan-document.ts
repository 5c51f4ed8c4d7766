import { type Action, type Impact, impactsOf, type Move, type Obstacle, type Step } from '../engine';
import type { ErrorDocument } from './errors';
import type { HostPlan } from './host-plan';
import { contentDiff } from './render-plan';

/** What `bulkhead plan --json` prints. */
export interface PlanDocument {
  readonly hosts: readonly HostDocument[];
  /** Number of services by what is to happen to them. */
  readonly summary: Readonly<Record<Action, number>>;
}

export interface HostDocument {
  readonly stack: string;
  /** Construct path of the Host. */
  readonly path: string;
  readonly address: string;
  readonly services: readonly ServiceDocument[];
  /** Why the host could not be planned; it has no services then. */
  readonly error?: ErrorDocument;
}

export interface ServiceDocument {
  /** Name on the host. */
  readonly name: string;
  /** Construct path. */
  readonly path: string;
  readonly action: Action;
  /** What happens to its units and its data, the gravest first. Empty: a process that runs does not notice. */
  readonly impacts: readonly Impact[];
  readonly steps: readonly StepDocument[];
  /** Set where another runtime runs it from then on. */
  readonly move?: Move;
  /** Why it can't be applied as it is. */
  readonly obstacles: readonly Obstacle[];
}

export interface StepDocument extends Step {
  /** How the text of a file changes: its lines led by `-` and `+`. */
  readonly diff?: readonly string[];
}

export function planDocument(plans: readonly HostPlan[]): PlanDocument {
  const summary: Record<Action, number> = { none: 0, create: 0, update: 0, repair: 0, destroy: 0 };
  const hosts = plans.map((plan): HostDocument => {
    const { stack, path, address } = plan.target;
    if (plan.error !== undefined) return { stack, path, address, services: [], error: plan.error };
    const services = plan.services.map((service): ServiceDocument => {
      const { name, action, obstacles } = service;
      summary[action]++;
      const steps = service.steps.map((step) => {
        const diff = contentDiff(service, step, plan.state);
        return { ...step, ...(diff.length > 0 && { diff }) };
      });
      return {
        name,
        path: service.path,
        action,
        impacts: impactsOf(service),
        steps,
        ...(service.move && { move: service.move }),
        obstacles,
      };
    });
    return { stack, path, address, services };
  });
  return { hosts, summary };
}

import type { IConstruct } from 'constructs';
import { TerraformStack } from '../cdktf';
import { type HostedService, servicesIn } from './hosted-service';
import { revisionOf } from './revision';

interface Dependents {
  readonly revision: number;
  readonly of: ReadonlyMap<HostedService, readonly HostedService[]>;
}

// Asked for each file of a tree that may have thousands of services.
const known = new WeakMap<IConstruct, Dependents>();

/** The services of the whole program that depend on a service, apart from those that depend on them. */
function dependentsOf(service: HostedService): readonly HostedService[] {
  const { root } = service.node;
  const revision = revisionOf(root);
  let cached = known.get(root);
  if (cached?.revision !== revision) {
    const of = new Map<HostedService, HostedService[]>();
    for (const dependent of servicesIn<HostedService>(root))
      for (const needed of new Set([...dependent.servicesNamed(), ...dependent.servicesUsed()])) {
        const others = of.get(needed);
        if (others) others.push(dependent);
        else of.set(needed, [dependent]);
      }
    cached = { revision, of };
    known.set(root, cached);
  }
  return cached.of.get(service) ?? [];
}

/**
 * The services with a unit that all dependents of a service name in their `dependsOn`, of the same stack. If one of them
 * fails, none of the dependents is changed.
 */
export function namedByAllDependents(service: HostedService): readonly HostedService[] {
  const [first = [], ...others] = dependentsOf(service).map((dependent) => new Set(dependent.servicesNamed()));
  const stack = TerraformStack.of(service);
  return [...first].filter(
    (named) =>
      named !== service &&
      named.unitName !== undefined &&
      TerraformStack.of(named) === stack &&
      others.every((names) => names.has(named)),
  );
}

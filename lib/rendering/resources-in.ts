import type { IConstruct } from 'constructs';
import { TerraformResource, TerraformStack } from './cdktf';

/**
 * Addresses of the resources in constructs, for Terraform's `depends_on`. Terraform's JSON is built in passes. In each
 * pass, a stack asks every resource once, and the tree changes only between passes. So the resources of a construct are
 * searched once per pass: many services may depend on one construct with many resources.
 */
class Pass {
  private readonly asked = new Set<TerraformResource>();
  private readonly addresses = new Map<IConstruct, readonly string[]>();

  constructor(private readonly stack: TerraformStack) {}

  /** Whether a resource is asked for the first time in this pass. */
  begins(resource: TerraformResource): boolean {
    return this.asked.size < this.asked.add(resource).size;
  }

  resourcesIn(construct: IConstruct): readonly string[] {
    const known = this.addresses.get(construct);
    if (known) return known;
    const found = construct.node
      .findAll()
      .filter((node): node is TerraformResource => TerraformResource.isTerraformResource(node))
      .filter((resource) => TerraformStack.of(resource) === this.stack)
      .map(addressOf);
    this.addresses.set(construct, found);
    return found;
  }
}

const passes = new WeakMap<TerraformStack, Pass>();

/** Addresses of the resources in these constructs. The given resource must come after them. */
export function resourcesIn(constructs: readonly IConstruct[], resource: TerraformResource): string[] {
  if (constructs.length === 0) return [];
  const stack = resource.cdktfStack;
  let pass = passes.get(stack);
  if (!pass?.begins(resource)) {
    pass = new Pass(stack);
    pass.begins(resource);
    passes.set(stack, pass);
  }
  const own = addressOf(resource);
  const found = new Set<string>();
  for (const construct of constructs) for (const address of pass.resourcesIn(construct)) found.add(address);
  found.delete(own);
  return [...found].sort();
}

/** Address of a resource in Terraform: `bulkhead_service.host_web_service_0A1B2C3D`. */
function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

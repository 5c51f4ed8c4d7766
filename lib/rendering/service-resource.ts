import type { Construct } from 'constructs';
import { toTerraform } from '../manifest/terraform';
import { TerraformResource, TerraformStack } from './cdktf';
import type { Renderable } from './service';
import { Literal, toTemplate } from './tokens';

const IS_SERVICE = Symbol.for('bulkhead/BulkheadService');

/** The Terraform resource of one service: its manifest, attribute by attribute. */
export class BulkheadService extends TerraformResource {
  /** Every service resource of a stack, in the order of the tree. */
  static allIn(stack: TerraformStack): BulkheadService[] {
    return stack.node.findAll().filter((node): node is BulkheadService => IS_SERVICE in node);
  }

  private attributes?: Record<string, unknown>;

  constructor(
    scope: Construct,
    id: string,
    readonly service: Renderable,
  ) {
    super(scope, id, { terraformResourceType: 'bulkhead_service' });
    Object.defineProperty(this, IS_SERVICE, { value: true });
  }

  /** Address of the resource in Terraform: `bulkhead_service.host_web_service_0A1B2C3D`. */
  get address(): string {
    return `${this.terraformResourceType}.${this.friendlyUniqueId}`;
  }

  override get terraformMetaArguments(): Record<string, unknown> {
    const resources = this.service.dependencies.flatMap((construct) => resourcesIn(construct, this.cdktfStack));
    const dependsOn = [...new Set(resources)].filter((address) => address !== this.address).sort();
    return { ...super.terraformMetaArguments, ...(dependsOn.length > 0 ? { dependsOn } : {}) };
  }

  override toTerraform(): object {
    const { resource, ...blocks } = super.toTerraform();
    const services = Object.entries(resource?.[this.terraformResourceType] ?? {});
    const literals = Object.fromEntries(services.map(([id, attributes]) => [id, Literal.of(attributes)]));
    return { ...blocks, resource: resource && { [this.terraformResourceType]: literals } };
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    // Synthesis asks three times, and the tree is complete by the first.
    this.attributes ??= templates(toTerraform(this.service)) as Record<string, unknown>;
    return this.attributes;
  }
}

function resourcesIn(construct: Renderable['dependencies'][number], stack: TerraformStack): string[] {
  return construct.node
    .findAll()
    .filter((node): node is TerraformResource => TerraformResource.isTerraformResource(node))
    .filter((resource) => TerraformStack.of(resource) === stack)
    .map((resource) => `${resource.terraformResourceType}.${resource.friendlyUniqueId}`);
}

// Terraform reads the keys of an object as templates, too.
function templates(value: unknown): unknown {
  if (typeof value === 'string') return toTemplate(value);
  if (Array.isArray(value)) return value.map(templates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toTemplate(key), templates(item)]));
}

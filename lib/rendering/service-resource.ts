import type { Construct } from 'constructs';
import type { Manifest } from '../manifest/manifest';
import { type Attributes, toTerraform } from '../manifest/terraform';
import { hasOverrides, TerraformResource, TerraformStack } from './cdktf';
import type { Renderable } from './service';
import { Literal, mayHoldToken, mayNeedTemplate, toTemplate } from './tokens';

const IS_SERVICE = Symbol.for('bulkhead/BulkheadService');

interface Rendered {
  readonly manifest: Manifest;
  readonly attributes: Attributes;
  /** Whether no token is in them. */
  readonly literal: boolean;
}

/** The Terraform resource of one service: its manifest, attribute by attribute. */
export class BulkheadService extends TerraformResource {
  /** Every service resource of a stack, in the order of the tree. */
  static allIn(stack: TerraformStack): BulkheadService[] {
    return stack.node.findAll().filter((node): node is BulkheadService => IS_SERVICE in node);
  }

  private rendered?: Rendered;

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
    if (!resource || this.isOverridden()) return { resource, ...blocks };
    const type = this.terraformResourceType;
    const bodies = mapValues(resource[type], (body) => this.complete(body as Attributes));
    // cdktf looks into each that there is, although most are undefined.
    const others = Object.entries(blocks).filter(([, block]) => block !== undefined);
    return { ...Object.fromEntries(others), resource: { [type]: bodies } };
  }

  // cdktf copies what it gets here several times over; without overrides to merge, it comes in at the end.
  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.isOverridden() ? { ...this.render().attributes } : {};
  }

  private complete(metaArguments: Attributes): unknown {
    const { attributes, literal } = this.render();
    const body = { ...attributes, ...metaArguments };
    return literal ? Literal.of(body, metaArguments) : mapValues(body, (value) => Literal.of(value));
  }

  private render(): Rendered {
    // Synthesis asks twice; after the first time, aspects may still change a service.
    const { manifest } = this.service;
    if (this.rendered?.manifest !== manifest) {
      const attributes = toTerraform(this.service);
      const text = JSON.stringify(attributes);
      this.rendered = {
        manifest,
        attributes: mayNeedTemplate(text) ? mapValues(attributes, templates) : attributes,
        literal: !mayHoldToken(text),
      };
    }
    return this.rendered;
  }

  // Overrides are merged into what they find.
  private isOverridden(): boolean {
    return Object.keys(this.rawOverrides).length > 0 || hasOverrides(this.cdktfStack);
  }
}

function mapValues(values: Attributes, map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
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

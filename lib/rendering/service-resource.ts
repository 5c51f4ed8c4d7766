import type { Construct } from 'constructs';
import type { Manifest } from '../manifest/manifest';
import { type Attributes, SECRET_VALUES, toTerraform } from '../manifest/terraform';
import { synthesizesBundlesOnly } from './bundles-only';
import { hasOverrides, TerraformResource } from './cdktf';
import { resourcesIn } from './resources-in';
import type { Renderable } from './service';
import { Literal, mayHoldToken, mayNeedTemplate, templates } from './tokens';

interface Rendered {
  readonly manifest: Manifest;
  readonly attributes: Attributes;
  /** Whether the attributes have no token. */
  readonly literal: boolean;
}

/** The Terraform resource of one service, with the attributes of its manifest. A {@link Service} creates it. */
export class BulkheadService extends TerraformResource {
  /**
   * Name of the resource in cdktf's test helpers: `Testing.toHaveResourceWithProperties(text,
   * BulkheadService.tfResourceType, { … })`.
   */
  static readonly tfResourceType = 'bulkhead_service';

  private rendered?: Rendered;

  constructor(
    scope: Construct,
    id: string,
    readonly service: Renderable,
    /** Changes the manifest when other Terraform resources create a part of it. */
    private readonly adapt: (manifest: Manifest) => Manifest = (manifest) => manifest,
  ) {
    super(scope, id, { terraformResourceType: BulkheadService.tfResourceType });
  }

  override get terraformMetaArguments(): Record<string, unknown> {
    const own = super.terraformMetaArguments;
    return this.isOverridden() ? { ...own, dependsOn: this.before(own.dependsOn) } : own;
  }

  override toTerraform(): object {
    if (synthesizesBundlesOnly()) return {};
    const { resource, ...blocks } = super.toTerraform();
    if (!resource || this.isOverridden()) return { resource, ...blocks };
    const type = this.terraformResourceType;
    const bodies = mapValues(resource[type], (body) => this.complete(body as Attributes));
    // cdktf processes every block that exists, although most are undefined.
    const others = Object.entries(blocks).filter(([, block]) => block !== undefined);
    const fragment = { ...Object.fromEntries(others), resource: { [type]: bodies } };
    return Literal.of(fragment, fragment) as object;
  }

  // cdktf copies these attributes several times. Without overrides to merge, they are added at the end instead.
  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.isOverridden() ? { ...this.render().attributes } : {};
  }

  private complete(metaArguments: Attributes): unknown {
    const { attributes, literal } = this.render();
    const dependsOn = this.before(metaArguments.depends_on);
    const body = { ...attributes, ...metaArguments, ...(dependsOn ? { depends_on: dependsOn } : {}) };
    return literal ? Literal.of(body, metaArguments) : mapValues(body, (value) => Literal.of(value));
  }

  /** Addresses that the resource depends on: those of its service, and those that the user has set on the resource. */
  private before(own: unknown): readonly string[] | undefined {
    const all = [...((own as readonly string[] | undefined) ?? []), ...resourcesIn(this.service.dependencies, this)];
    return all.length > 0 ? all : undefined;
  }

  private render(): Rendered {
    // Synthesis asks twice. Aspects may change a service after the first time.
    const { manifest } = this.service;
    if (this.rendered?.manifest !== manifest) {
      const { host, secretValues = {} } = this.service;
      const secrets = Object.keys(secretValues).length > 0 ? { [SECRET_VALUES]: secretValues } : {};
      const attributes = { ...toTerraform({ host, manifest: this.adapt(manifest) }), ...secrets };
      const text = JSON.stringify(attributes);
      this.rendered = {
        manifest,
        attributes: mayNeedTemplate(text) ? mapValues(attributes, templates) : attributes,
        literal: !mayHoldToken(text),
      };
    }
    return this.rendered;
  }

  // Overrides are merged into existing attributes, so those must be there.
  private isOverridden(): boolean {
    return Object.keys(this.rawOverrides).length > 0 || hasOverrides(this.cdktfStack);
  }
}

function mapValues(values: Attributes, map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

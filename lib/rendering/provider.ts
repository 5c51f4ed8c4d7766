import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDER_SOURCE } from '../manifest/terraform';
import { copyAssets } from './assets';
import {
  AnnotationMetadataEntryType,
  addCustomSynthesis,
  type ISynthesisSession,
  TerraformProvider,
  TerraformStack,
} from './cdktf';
import { makeStatePathsRelative } from './local-state';
import { type RequiredProvider, writeLockFile } from './lock-file';
import { installProvider, providerPackage } from './provider-package';
import type { RenderableHost } from './service';
import { BulkheadService } from './service-resource';
import { writeBundle } from './write-bundle';

const ID = 'BulkheadProvider';

/** The Terraform provider of this package. A host brings it into its stack; there is nothing to configure. */
export class BulkheadProvider extends TerraformProvider {
  /** The provider of a stack, made when it is first asked for. */
  static of(stack: TerraformStack): BulkheadProvider {
    return (stack.node.tryFindChild(ID) as BulkheadProvider | undefined) ?? new BulkheadProvider(stack);
  }

  /** The hosts of the stack, those without services, too. */
  private readonly hosts: RenderableHost[] = [];

  private constructor(stack: TerraformStack) {
    super(stack, ID, { terraformResourceType: 'bulkhead', terraformProviderSource: PROVIDER_SOURCE });
    addCustomSynthesis(this, { onSynthesize: (session) => synthesize(stack, this.hosts, session) });
  }

  /** Makes a host known to the renderings. */
  addHost(host: RenderableHost): void {
    this.hosts.push(host);
  }

  override toTerraform(): object {
    const required = { source: PROVIDER_SOURCE, version: providerPackage().version };
    return { terraform: { required_providers: { bulkhead: required } }, provider: { bulkhead: [{}] } };
  }
}

function synthesize(stack: TerraformStack, hosts: readonly RenderableHost[], session: ISynthesisSession): void {
  const { name, workingDirectory } = session.manifest.forStack(stack);
  const directory = join(session.outdir, workingDirectory);
  const services = BulkheadService.allIn(stack).map((resource) => resource.service);
  const provider = providerPackage();

  installProvider(directory, provider);
  writeLockFile(directory, provider, otherProviders(stack));
  makeStatePathsRelative(stack, directory);
  const all = services.flatMap((service) => service.assets);
  const assets = copyAssets(join(directory, 'assets'), all);

  const bundles = join(session.outdir, 'bundle');
  removeOthers(bundles, stack);
  if (hasErrors(stack)) {
    rmSync(join(bundles, name), { recursive: true, force: true });
    return;
  }
  const dependencies = stack.dependencies.map(({ node }) => node.id).sort();
  writeBundle(join(bundles, name), name, { dependencies, hosts, services, assets });
}

// What an aspect has refused must not be applicable. cdktf ends the synthesis for it, but only after this.
function hasErrors(stack: TerraformStack): boolean {
  const { ERROR } = AnnotationMetadataEntryType;
  return stack.node.findAll().some(({ node }) => node.metadata.some(({ type }) => type === ERROR));
}

// A stack that was renamed, or has no host any more, must not stay applicable.
function removeOthers(bundles: string, stack: TerraformStack): void {
  if (!existsSync(bundles)) return;
  const stacks = stack.node.root.node.findAll().filter((node) => TerraformStack.isStack(node));
  const names = new Set(stacks.filter(({ node }) => node.tryFindChild(ID)).map(({ node }) => node.id));
  for (const name of readdirSync(bundles)) {
    if (!names.has(name)) rmSync(join(bundles, name), { recursive: true });
  }
}

function otherProviders(stack: TerraformStack): RequiredProvider[] {
  return stack.allProviders().flatMap(({ terraformProviderSource, terraformGeneratorMetadata: metadata }) => {
    if (terraformProviderSource === undefined || terraformProviderSource === PROVIDER_SOURCE) return [];
    const constraint = metadata?.providerVersion ?? metadata?.providerVersionConstraint;
    return [{ source: terraformProviderSource, constraint }];
  });
}

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDER_SOURCE } from '../manifest/terraform';
import { copyAssets, linkAssets } from './assets';
import { ASSETS } from './bundle-format';
import { BundleSynthesizer, errorsOf } from './bundle-synthesizer';
import { synthesizesBundlesOnly } from './bundles-only';
import { addCustomSynthesis, type ISynthesisSession, TerraformProvider, TerraformStack } from './cdktf';
import { makeStatePathsRelative, makeStatePrivate } from './local-state';
import { type RequiredProvider, writeLockFile } from './lock-file';
import { knownOutputs } from './outputs';
import { installProvider, providerPackage } from './provider-package';
import type { Asset, RenderableHost } from './service';
import { writeBundle } from './write-bundle';
import { makePrivate } from './write-tree';

const ID = 'BulkheadProvider';

/** The Terraform provider of this package. A {@link Host} adds it to its stack. It needs no configuration. */
export class BulkheadProvider extends TerraformProvider {
  /** Name of the provider in cdktf's test helpers. */
  static readonly tfResourceType = 'bulkhead';

  /** The provider of a stack. It is created on first use. */
  static of(stack: TerraformStack): BulkheadProvider {
    return (stack.node.tryFindChild(ID) as BulkheadProvider | undefined) ?? new BulkheadProvider(stack);
  }

  /** The hosts of the stack, including hosts without services. */
  private readonly hosts: RenderableHost[] = [];

  private constructor(stack: TerraformStack) {
    super(stack, ID, {
      terraformResourceType: BulkheadProvider.tfResourceType,
      terraformProviderSource: PROVIDER_SOURCE,
    });
    if (synthesizesBundlesOnly())
      stack.synthesizer = new BundleSynthesizer(stack, (session) => synthesizeBundle(stack, this.hosts, session));
    else addCustomSynthesis(this, { onSynthesize: (session) => synthesize(stack, this.hosts, session) });
  }

  /** Adds a host to the renderings. */
  addHost(host: RenderableHost): void {
    this.hosts.push(host);
  }

  override toTerraform(): object {
    if (synthesizesBundlesOnly()) return {};
    const required = { source: PROVIDER_SOURCE, version: providerPackage().version };
    return { terraform: { required_providers: { bulkhead: required } }, provider: { bulkhead: [{}] } };
  }
}

function synthesize(stack: TerraformStack, hosts: readonly RenderableHost[], session: ISynthesisSession): void {
  const directory = join(session.outdir, session.manifest.forStack(stack).workingDirectory);
  const provider = providerPackage();

  // cdktf and Terraform write the stack, its assets and perhaps its state to this directory, with permissions for
  // everybody.
  makePrivate(directory);
  installProvider(directory, provider);
  writeLockFile(directory, provider, otherProviders(stack));
  makeStatePrivate(stack);
  makeStatePathsRelative(stack, directory);
  const assets = copyAssets(join(directory, 'assets'), assetsOf(hosts));
  synthesizeBundle(stack, hosts, session, (target) => linkAssets(target, assets));
}

/** @param putAssets Puts the assets of all services into a directory. */
function synthesizeBundle(
  stack: TerraformStack,
  hosts: readonly RenderableHost[],
  session: ISynthesisSession,
  putAssets: (directory: string) => void = (directory) => copyAssets(directory, assetsOf(hosts)),
): void {
  const bundles = join(session.outdir, 'bundle');
  const directory = join(bundles, stack.node.id);
  removeOthers(bundles, stack);
  // A stack that an aspect has refused must not be applicable. cdktf ends the synthesis for it, but only after this
  // point.
  if (errorsOf(stack).length > 0) {
    rmSync(directory, { recursive: true, force: true });
    return;
  }
  const dependencies = stack.dependencies.map(({ node }) => node.id).sort();
  writeBundle(directory, stack.node.id, { dependencies, hosts, outputs: knownOutputs(stack) });
  putAssets(join(directory, ASSETS));
}

function assetsOf(hosts: readonly RenderableHost[]): readonly Asset[] {
  return hosts.flatMap(({ services }) => services.flatMap(({ assets }) => assets));
}

// A stack that was renamed, or that has no host any more, must not stay applicable.
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

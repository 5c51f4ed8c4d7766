import type { ContainerConfig } from '@cdktf/provider-docker/lib/container';
import type { ImageConfig } from '@cdktf/provider-docker/lib/image';
import type { NetworkConfig } from '@cdktf/provider-docker/lib/network';
import type { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import type { VolumeConfig } from '@cdktf/provider-docker/lib/volume';
import type { Construct } from 'constructs';
import { labConfigFile, parseAddress } from '../../manifest/index';
import { synthesizesBundlesOnly } from '../../rendering/bundles-only';
import { resourcesIn } from '../../rendering/resources-in';
import { TOKEN, templates } from '../../rendering/tokens';
import { Lazy, type TerraformResource } from '../cdktf';
import type { Host } from '../host/host';
import { fail } from '../problem';
import type { Service } from '../service/service';
import { type Bindings, HAS_BINDINGS, loadBindings } from './cdktf';

const VERSION = '>= 3.9, < 4';
const ID = 'DockerProvider';

/** Pulls an image with docker's provider. @returns undefined when Bulkhead must pull it */
export function renderImage(service: Service, config: ImageConfig): TerraformResource | undefined {
  return render(service, config, ({ Image }, all) => new Image(service, 'image', all));
}

/** Creates a network with docker's provider. @returns undefined when Bulkhead must create it */
export function renderNetwork(service: Service, config: NetworkConfig): TerraformResource | undefined {
  return render(service, config, ({ Network }, all) => new Network(service, 'network', all));
}

/** Creates a volume with docker's provider. @returns undefined when Bulkhead must create it */
export function renderVolume(service: Service, config: VolumeConfig): TerraformResource | undefined {
  return render(service, config, ({ Volume }, all) => new Volume(service, 'volume', all));
}

/** Creates a container with docker's provider. @returns undefined when Bulkhead must create it */
export function renderContainer(service: Service, config: ContainerConfig) {
  return render(service, config, ({ Container }, all) => new Container(service, 'container', all));
}

function render<C extends object, R extends TerraformResource>(
  service: Service,
  config: C,
  make: (bindings: Bindings, config: C) => R,
): R | undefined {
  const { host } = service;
  const { kind } = parseAddress(host.address.replaceAll(TOKEN, 'token'));
  if (!HAS_BINDINGS || synthesizesBundlesOnly() || kind === 'machine') return undefined;
  const bindings = loadBindings() ?? missing(service);
  const provider = providerOf(host, bindings);
  const resource = make(bindings, { ...(templates(config) as C), provider });
  // Dependencies may be added until synthesis.
  const produce = () => resourcesIn(service.dependencies, resource);
  resource.addOverride('depends_on', Lazy.listValue({ produce }, { omitEmpty: true }));
  return resource;
}

function missing({ node: { path } }: Service): never {
  return fail({
    action: 'render for Terraform',
    value: path,
    problem: '@cdktf/provider-docker is not installed',
    expected: '"npm install @cdktf/provider-docker", or "bulkhead apply", which does not need it',
    at: path,
  });
}

/** The provider for the docker of a host. */
function providerOf(host: Host, { DockerProvider }: Bindings): DockerProvider {
  const existing = host.node.tryFindChild(ID);
  if (existing) return existing as DockerProvider;
  const alias = `${host.id.replace(/\W/g, '_')}_${host.node.addr.slice(-8)}`;
  const provider = new DockerProvider(host as Construct, ID, { alias, ...connectionOf(host) });
  host.stack.addOverride('terraform.required_providers.docker.version', VERSION);
  return provider;
}

function connectionOf({ address, sshOptions = [] }: Host): { host: string; sshOpts?: string[] } {
  const parsed = parseAddress(address.replaceAll(TOKEN, 'token'));
  if (parsed.kind === 'local') return { host: 'unix:///var/run/docker.sock' };
  const options = sshOptions.flatMap((option) => ['-o', option]);
  if (parsed.kind === 'lab') return { host: 'ssh://lab', sshOpts: ['-F', labConfigFile(parsed.name), ...options] };
  return { host: address, ...(options.length > 0 ? { sshOpts: options } : {}) };
}

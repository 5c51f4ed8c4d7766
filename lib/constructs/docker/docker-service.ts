import type { Construct } from 'constructs';
import { CONTAINER_TRIGGER, type Manifest, objectKey, type Requirement, type UnitPart } from '../../manifest/index';
import { BulkheadService } from '../../rendering/service-resource';
import { toTemplate } from '../../rendering/tokens';
import { Lazy } from '../cdktf';
import { NetworkAccess, type NetworkFile } from '../network/network-access';
import { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import { userIfKnown } from '../props/container-image';
import { checkSections, DirectiveSet } from '../props/directive-set';
import { type Environment, type EnvironmentProp, environmentOf, type SecretPaths } from '../props/environment';
import { healthDirectives, healthPrograms } from '../props/health';
import { type Port, parsePorts } from '../props/ports';
import { parseDuration } from '../props/quantities';
import { triggersOf, type Use } from '../props/used';
import { parseVolumes, type Volume } from '../props/volumes';
import { numericOwner } from '../service/host-paths';
import type { Ordering, Parts } from '../service/service';
import { unitDirectives } from '../service/unit-directives';
import { type DockerContainer, type Limits, revisionOf } from './container';
import { containerOf, limitsOf } from './container-of';
import { containerResource } from './container-resource';
import { DockerDaemon, RUNTIME } from './docker-daemon';
import { DockerImage } from './docker-image';
import { DockerNetwork } from './docker-network';
import { checkDocker } from './docker-resource';
import { DOCKER_SERVICE_PROPS, type DockerServiceProps } from './docker-service-props';
import { dockerUnit, HEALTH, runs } from './docker-unit';
import { DOCKER_VOLUME, DockerVolume } from './docker-volume';
import { DOCKER_PROGRAMS } from './programs';
import { renderContainer } from './terraform';

const SECTIONS = ['Unit', 'Service', 'Install'];

/** Docker's default time for a container to stop. */
const STOP_SEC = 10;

/**
 * A docker container with a systemd unit that starts, watches and stops it. The container has no capabilities, and its
 * processes can't gain privileges. Its output is in the journal of the unit (`journalctl -u NAME`), not in `docker
 * logs`.
 *
 * When docker restarts, is upgraded or crashes, the container restarts too, even with `live-restore`. When docker is
 * stopped, the container stops. Starting the unit starts docker.
 *
 * On the host: a container NAME-REVISION, and /etc/systemd/system/NAME.service. The revision changes with the
 * definition of the container. Under Terraform, docker's provider creates the container (`docker_container`). The
 * provider uses the docker of the login user, who is root or a member of the group `docker`. Docker must run before the
 * plan. Under cdktn, and on hosts with a `machine://` address, Bulkhead creates the container as `bulkhead apply` does.
 *
 * Docker's provider deletes a container once its successor runs, so `bulkhead rollback` can't bring it back: apply the
 * previous version of your program. After a deploy that failed, the service runs its old container. If the next deploy
 * wants that very container again, docker refuses to create it, since the name is taken. Rename the old one first
 * (`docker rename NAME-REVISION NAME-old`), which does not stop it.
 */
export class DockerService extends NetworkedWorkload {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  protected readonly access: NetworkAccess;
  protected readonly environmentSection = undefined;
  private readonly image: DockerImage;
  private readonly volumes: readonly Volume[];
  private readonly read: readonly Use[];
  private readonly networkFiles: readonly NetworkFile[];
  private readonly dockerNetwork: DockerNetwork | undefined;
  private readonly programs: Readonly<Record<string, Requirement>>;
  private readonly limits: Limits;
  private readonly stopSec: number;
  private readonly unit: DirectiveSet;
  private readonly secrets: SecretPaths<string>;
  private environment: Environment;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DockerServiceProps,
  ) {
    super(scope, id, 'docker', props, DOCKER_SERVICE_PROPS);
    const at = this.node.path;
    this.unitName = `${this.serviceName}.service`;
    this.ports = parsePorts(props.ports, at);
    const { network, ...others } = props;
    this.dockerNetwork = isOfDocker(network) ? checkDocker(network, DockerNetwork, this, `${at}.network`) : undefined;
    const joined = network === undefined || isOfDocker(network) ? others : { ...others, network };
    this.access = new NetworkAccess(this, joined, this.ports);
    const daemon = this.access.network && DockerDaemon.of(this);
    for (const made of [this.access.network, this.dockerNetwork, daemon]) this.require(made);
    this.image = this.require(DockerImage.of(this, props.image, `${at}.image`));
    const volumes = parseVolumes(props.volumes, at, { kind: DOCKER_VOLUME });
    for (const { from, at } of volumes)
      if (from?.mountKind === DOCKER_VOLUME) this.require(checkDocker(from, DockerVolume, this, at));
    const reader = userIfKnown(props.image, this.image.config, props.user, `${at}.user`);
    this.read = this.reads(volumes, {}, numericOwner(props.user));
    const secrets = this.mountSecrets(props, reader);
    this.secrets = secrets.paths;
    this.volumes = [...volumes, ...secrets.volumes];
    this.networkFiles = this.access.files(this.volumes);
    this.programs = healthPrograms(props.health, 'nsenter');
    this.limits = limitsOf(props, at);
    this.stopSec = Math.ceil(parseDuration(props.stopTimeout, `${at}.stopTimeout`) ?? STOP_SEC);
    this.environment = { ...environmentOf(props.environment, at, this.secrets) };
    checkSections(props.directives, SECTIONS, at);
    this.unit = this.directives().byHand(props.directives);
    this.complete();
  }

  /** The definition of the container, in the words of the Docker Engine API. */
  get container(): DockerContainer {
    const {
      serviceName: name,
      node,
      image,
      environment,
      ports,
      volumes,
      networkFiles,
      stopSec,
      dockerNetwork: network,
    } = this;
    const { mode } = this.access;
    const networkMode = mode === undefined ? 'bridge' : mode === 'host' ? 'host' : 'none';
    const parts = { name, at: node.path, image, environment, ports, volumes, stopSec, network, networkMode } as const;
    return containerOf(this.props, {
      ...parts,
      networkFiles,
      runtime: mode === 'network' ? RUNTIME : undefined,
    });
  }

  /** Name of the container: `NAME-REVISION`. It changes with the definition of the container. */
  get containerName(): string {
    return `${this.serviceName}-${revisionOf(this.container)}`;
  }

  override addEnvironment(variables: EnvironmentProp): this {
    const at = this.node.path;
    const added = environmentOf(variables, at, this.secrets) ?? {};
    for (const [name, value] of Object.entries(added)) {
      const expected = `${JSON.stringify(this.environment[name])}, its present value`;
      if (name in this.environment && this.environment[name] !== value)
        fail({ action: `set variable ${name} to`, value, problem: 'it has another value', expected, at });
    }
    this.environment = { ...this.environment, ...added };
    runs(this.unit, this.containerName, this.limits);
    this.changed();
    return this;
  }

  protected override get sections() {
    return this.unit.bySection(SECTIONS);
  }

  protected override render(): void {
    const config = containerResource(this.containerName, this.container, this.limits);
    const resource = renderContainer(this, config);
    if (!resource) {
      super.render();
      return;
    }
    // Aspects may add environment variables later.
    resource.name = Lazy.stringValue({ produce: () => toTemplate(this.containerName) });
    resource.env = Lazy.listValue({ produce: () => this.container.Env.map(toTemplate) });
    new BulkheadService(this, 'service', this, (manifest) => this.withoutContainer(manifest, resource.id));
  }

  protected override parts(ordering: Ordering): Parts {
    const path = `/etc/systemd/system/${this.unitName}`;
    const spec = { config: JSON.stringify(this.container), limits: JSON.stringify(this.limits) };
    const parts: Parts = {
      natives: { [path]: { format: 'unit', sections: this.unit.file(SECTIONS, ordering) } },
      objects: { [this.key]: { spec } },
      requires: { ...DOCKER_PROGRAMS, ...this.programs },
      units: {
        [this.unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [path, this.key],
          ...triggersOf(this.read),
        },
      },
    };
    return this.access.withParts(parts);
  }

  private get key(): string {
    return objectKey('docker-container', this.containerName);
  }

  private directives(): DirectiveSet {
    const { props, serviceName: name, access, volumes, stopSec } = this;
    const at = this.node.path;
    // Docker applies the limits and stops the container. The unit only watches it.
    const { memory: _memory, cpu: _cpu, tasks: _tasks, stopTimeout: _stopTimeout, ...common } = props;
    const set = dockerUnit(new DirectiveSet(at), { name, access, volumes, stopSec, stopSignal: this.stopSignal });
    runs(set, this.containerName, this.limits);
    healthDirectives(set, props.health, HEALTH, at);
    return unitDirectives(set, name, common, at);
  }

  private get stopSignal(): string | number | undefined {
    return this.props.stopSignal ?? this.image.config?.stopSignal;
  }

  /**
   * The manifest when Terraform's docker provider creates the container. A container that Terraform replaces counts as
   * a change.
   */
  private withoutContainer({ objects, units, ...manifest }: Manifest, id: string): Manifest {
    const { [this.key]: _, ...others } = objects;
    const unit = units[this.unitName] as UnitPart;
    const restartOn = unit.restartOn.filter((key) => key !== this.key);
    const triggers = { ...unit.triggers, [CONTAINER_TRIGGER]: id };
    return { ...manifest, objects: others, units: { ...units, [this.unitName]: { ...unit, restartOn, triggers } } };
  }
}

function isOfDocker(network: DockerServiceProps['network']): network is DockerNetwork {
  return network instanceof DockerNetwork;
}

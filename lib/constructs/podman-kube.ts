import { readFileSync } from 'node:fs';
import type { Construct } from 'constructs';
import {
  type InstallSection,
  type KubeSection,
  type QuadletFile,
  raw,
  type ServiceSection,
  type UnitSection,
} from '../directives';
import type { FilePart } from '../manifest';
import { assetOf } from './assets';
import { checkSections, commonDirectives, triggersOf } from './common-directives';
import { DirectiveSet } from './directive-set';
import type { KnownProps } from './known-props';
import type { PodmanNetwork } from './podman-network';
import { checkNetworks, networkNames, publishPorts } from './podman-network-directives';
import { withoutQuadletOrder } from './podman-resource';
import { type Port, type PortProp, parsePort } from './ports';
import { checkEither, fail } from './problem';
import { bootTarget, quadletDirectory, type RootlessProps } from './rootless';
import type { Ordering, Parts } from './service';
import { MANAGED_PROPS, type ManagedProps } from './service-props';
import { checkUser, type User } from './user';
import { Workload } from './workload';

export interface PodmanKubeProps extends ManagedProps, RootlessProps {
  /**
   * What to run, as Kubernetes has it: YAML text, or objects, such as a Pod and its ConfigMap. Give either this or
   * `source`. Podman ignores its limits where it runs without root on a host with control groups v1. Yaml=
   * @default - the content of `source`
   */
  readonly yaml?: string | object | readonly object[];
  /**
   * YAML file on this machine. Yaml=
   * @default - `yaml` is used
   */
  readonly source?: string;
  /**
   * Ports that others reach it on, beside each `hostPort` in the YAML. Two services of a host can't have the same one.
   * PublishPort=
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Networks that its pods are on, of the same host. Network=
   * @default - podman's default network, where nothing has a name
   */
  readonly networks?: readonly PodmanNetwork[];
  /**
   * What `systemctl status` shows. Description=
   * @default - the name on the host
   */
  readonly description?: string;
  /**
   * Any key of the Quadlet file, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see podman-systemd.unit(5), podman-kube-play(1)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Kube?: KubeSection;
    readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
    readonly Service?: ServiceSection;
    readonly Install?: InstallSection;
  };
}

const PROPS: KnownProps<PodmanKubeProps> = {
  ...MANAGED_PROPS,
  rootless: true,
  yaml: true,
  source: true,
  ports: 'list',
  networks: 'list',
  description: true,
  directives: true,
};

const SECTIONS = ['Unit', 'Kube', 'Quadlet', 'Service', 'Install'];

// Pulling images counts as starting.
const START_TIMEOUT_SEC = 15 * 60;

/**
 * Pods in the YAML of Kubernetes, which podman runs under systemd without a cluster. Not for secrets: the text is in
 * Terraform's state.
 *
 * On the host: /etc/containers/systemd/NAME.kube and NAME.yaml, which systemd makes NAME.service of.
 */
export class PodmanKube extends Workload {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly rootless: User | undefined;
  override readonly ports: readonly Port[];
  private readonly directives: DirectiveSet;
  private readonly networks: readonly PodmanNetwork[];
  private readonly text: string;
  protected readonly environmentSection = undefined;

  constructor(scope: Construct, id: string, props: PodmanKubeProps) {
    super(scope, id, 'podman', props, PROPS);
    const at = this.node.path;
    this.rootless = checkUser(props.rootless, this);
    if (this.rootless) this.require(this.rootless);
    this.unitName = `${this.serviceName}.service`;
    this.ports = (props.ports ?? []).map((port, index) => parsePort(port, `${at}.ports[${index}]`));
    this.networks = checkNetworks(this, props.networks);
    for (const network of this.networks) this.require(network);
    this.text = textOf(props, at);
    checkSections(props.directives, SECTIONS, at);
    const { description } = props;
    const set = new DirectiveSet(at)
      .prop('yaml', 'Kube', { Yaml: `${this.serviceName}.yaml` })
      .prop('ports', 'Kube', { PublishPort: publishPorts(this.ports) })
      .prop('networks', 'Kube', { Network: networkNames(this.networks) })
      // Podman's own choice is a network that it makes for all such pods and never removes.
      .defaults('Kube', { Network: 'podman' })
      .defaults('Service', { TimeoutStartSec: START_TIMEOUT_SEC, ...stopWhatRuns(this.serviceName, this.rootless) });
    this.directives = commonDirectives(set, this.serviceName, description === undefined ? {} : { description }, at)
      .defaults('Install', { WantedBy: bootTarget(this.rootless) })
      .byHand(props.directives);
    this.check();
  }

  protected override get sections() {
    return this.directives.bySection(SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const base = `${quadletDirectory(this.rootless)}/${this.serviceName}`;
    const owner = this.rootless?.serviceName ?? 'root';
    const order = withoutQuadletOrder(ordering, this.networks);
    const yaml: FilePart = { content: this.text, mode: '0600', owner, group: owner };
    return {
      natives: { [`${base}.kube`]: { format: 'quadlet', sections: this.directives.file(SECTIONS, order) } },
      files: { [`${base}.yaml`]: yaml },
      requires: { podman: '4.4 for Quadlet' },
      units: {
        [this.unitName]: {
          state: 'active',
          restartOn: [`${base}.kube`, `${base}.yaml`],
          ...triggersOf([], this.networks),
        },
      },
    };
  }
}

// Quadlet stops what the file says at that time, and would leave a pod running that is no longer in it.
function stopWhatRuns(name: string, user: User | undefined): ServiceSection {
  const copy = raw(`%t/${name}.kube/yaml`);
  return {
    RuntimeDirectory: `${name}.kube`,
    ExecStartPre: ['/bin/cp', `${quadletDirectory(user)}/${name}.yaml`, copy],
    ExecStopPost: { argv: ['/usr/bin/podman', 'kube', 'down', copy], prefix: '-' },
  };
}

function textOf({ yaml, source }: PodmanKubeProps, at: string): string {
  checkEither('run YAML from', { yaml, source }, at);
  if (source !== undefined) return readFileSync(assetOf(source, 'read', `${at}.source`).file, 'utf8');
  if (typeof yaml === 'string') return yaml;
  const documents = Array.isArray(yaml) ? yaml : [yaml];
  if (documents.length === 0 || documents.some((document) => typeof document !== 'object' || document === null))
    fail({ action: 'run YAML from', value: yaml, problem: 'is no object', expected: 'one or more', at: `${at}.yaml` });
  // JSON is YAML.
  return documents.map((document) => `${JSON.stringify(document, undefined, 2)}\n`).join('---\n');
}

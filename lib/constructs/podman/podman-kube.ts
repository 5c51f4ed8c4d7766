import { readFileSync } from 'node:fs';
import type { Construct } from 'constructs';
import { type KubeSection, raw, type ServiceSection } from '../../directives/index';
import type { FilePart } from '../../manifest/index';
import { directoryOf } from '../../network/index';
import { rootFile } from '../network/network';
import { NetworkAccess } from '../network/network-access';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import { NetworkedWorkload } from '../network/networked-workload';
import { checkEither, fail } from '../problem';
import { assetOf } from '../props/assets';
import { checkSections, DirectiveSet } from '../props/directive-set';
import type { KnownProps } from '../props/known-props';
import { type Port, type PortProp, parsePorts } from '../props/ports';
import { triggersOf } from '../props/used';
import type { Ordering, Parts } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { unitDirectives } from '../service/unit-directives';
import { checkUser, type User } from '../user/user';
import type { PodmanNetwork } from './podman-network';
import { checkNetworks, listensOn, networkNames, networkWord, publishPorts } from './podman-network-directives';
import { QUADLET } from './podman-resource';
import {
  bootTarget,
  type QuadletDirectives,
  type QuadletProps,
  quadletDirectory,
  quadletOrder,
  quadletSections,
} from './quadlet';
import type { RootlessProps } from './rootless';

export interface PodmanKubeProps
  extends ManagedProps,
    RootlessProps,
    NetworkedProps,
    QuadletProps<'Kube', KubeSection> {
  /**
   * Kubernetes objects to run, such as a Pod and its ConfigMap, as YAML text or as objects. Set either `yaml` or
   * `source`. Podman ignores limits in the YAML when it runs without root on a host with control groups v1. Becomes
   * Yaml=.
   * @default - the content of `source`
   */
  readonly yaml?: string | object | readonly object[];
  /**
   * YAML file on this machine. Becomes Yaml=.
   * @default - `yaml` is used
   */
  readonly source?: string;
  /**
   * Ports on which others reach the pods, in addition to each `hostPort` in the YAML. Two services of a host can't use
   * the same port. On a {@link Network}, these ports lead to the pods, and a `hostPort` publishes nothing. Becomes
   * PublishPort=.
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Networks of podman that the pods join, on the same host. Becomes Network=.
   * @default - podman's default network, which resolves no names
   */
  readonly networks?: readonly PodmanNetwork[];
  /**
   * Text in `systemctl status`. Becomes Description=.
   * @default - the name on the host
   */
  readonly description?: string;
}

const PROPS: KnownProps<PodmanKubeProps> = {
  ...MANAGED_PROPS,
  ...NETWORKED_PROPS,
  rootless: true,
  yaml: true,
  source: true,
  ports: 'list',
  networks: 'list',
  description: true,
  directives: true,
};

const SECTIONS = quadletSections('Kube');

// A start includes pulling the images.
const START_TIMEOUT_SEC = 15 * 60;

/**
 * Pods described in Kubernetes YAML. podman runs them under systemd, without a cluster. Do not put secrets in the YAML:
 * Terraform's state has the text.
 *
 * On the host: /etc/containers/systemd/NAME.kube and NAME.yaml, from which systemd generates NAME.service.
 * @see podman-kube-play(1)
 */
export class PodmanKube extends NetworkedWorkload<QuadletDirectives<'Kube', KubeSection>> {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly rootless: User | undefined;
  override readonly ports: readonly Port[];
  protected readonly access: NetworkAccess;
  private readonly directives: DirectiveSet;
  private readonly networks: readonly PodmanNetwork[];
  private readonly text: string;
  protected readonly environmentSection = undefined;

  constructor(scope: Construct, id: string, props: PodmanKubeProps) {
    super(scope, id, 'podman', props, PROPS);
    const at = this.node.path;
    this.rootless = this.require(checkUser(props.rootless, this));
    this.unitName = `${this.serviceName}.service`;
    this.ports = parsePorts(props.ports, at);
    this.networks = checkNetworks(this, props.networks);
    for (const network of this.networks) this.require(network);
    this.access = networkOf(this, props, this.ports);
    this.require(this.access.network);
    this.text = textOf(props, at);
    checkSections(props.directives, SECTIONS, at);
    const { description } = props;
    const set = new DirectiveSet(at)
      .prop('yaml', 'Kube', { Yaml: `${this.serviceName}.yaml` })
      .prop('ports', 'Kube', { PublishPort: this.access.mode === undefined ? publishPorts(this.ports) : undefined })
      .prop('networks', 'Kube', { Network: networkNames(this.networks) })
      .prop('network', 'Kube', {
        Network: networkWord(this.access),
        ContainersConfModule: this.access.network && modulePath(this.serviceName),
      })
      .defaults('Unit', this.access.unit)
      // podman's own default is a network that all such pods share, and that podman never removes.
      .defaults('Kube', { Network: 'podman' })
      .defaults('Service', { TimeoutStartSec: START_TIMEOUT_SEC, ...stopWhatRuns(this.serviceName, this.rootless) });
    this.directives = unitDirectives(set, this.serviceName, description === undefined ? {} : { description }, at)
      .defaults('Install', { WantedBy: bootTarget(this.rootless) })
      .byHand(props.directives);
    this.complete();
  }

  protected override get listensOn(): '*' | '0.0.0.0' {
    return this.access.mode === undefined ? listensOn(this) : '*';
  }

  protected override get sections() {
    return this.directives.bySection(SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const base = `${quadletDirectory(this.rootless)}/${this.serviceName}`;
    const owner = this.rootless?.serviceName ?? 'root';
    const order = quadletOrder(ordering, this.rootless, this.networks);
    const yaml: FilePart = { content: this.text, mode: '0600', owner, group: owner };
    const { serviceName: name, access } = this;
    const hosts = access.hostsPath;
    const module: Parts['files'] = hosts === undefined ? {} : { [modulePath(name)]: rootFile(moduleText(hosts)) };
    return access.withParts({
      natives: { [`${base}.kube`]: { format: 'quadlet', sections: this.directives.file(SECTIONS, order) } },
      files: { ...module, [`${base}.yaml`]: yaml },
      requires: { podman: QUADLET },
      units: {
        [this.unitName]: {
          state: 'active',
          restartOn: [`${base}.kube`, `${base}.yaml`, ...(hosts === undefined ? [] : [modulePath(name), hosts])],
          ...triggersOf(this.networks),
        },
      },
    });
  }
}

function networkOf(kube: PodmanKube, props: PodmanKubeProps, ports: readonly Port[]): NetworkAccess {
  if (props.network !== 'host') return new NetworkAccess(kube, props, ports);
  return fail({
    action: 'use network',
    value: 'host',
    problem: 'podman reads the network only from the YAML',
    expected: 'hostNetwork: true in the spec of the pod',
    at: `${kube.node.path}.network`,
  });
}

/**
 * Path of a containers.conf(5) module for a service on a Network. Only the YAML can mount files into pods, so the hosts
 * file is set here.
 */
function modulePath(name: string): string {
  return `${directoryOf(name)}/containers.conf`;
}

function moduleText(hosts: string): string {
  return `[containers]\nbase_hosts_file = "${hosts}"\n`;
}

// Quadlet stops the pods in the current YAML. A pod that the YAML no longer has would keep running, so the YAML of the
// start is kept for the stop.
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
    fail({
      action: 'run YAML from',
      value: yaml,
      problem: 'is not an object',
      expected: 'one or more objects',
      at: `${at}.yaml`,
    });
  // JSON is valid YAML.
  return documents.map((document) => `${JSON.stringify(document, undefined, 2)}\n`).join('---\n');
}

import type { Construct } from 'constructs';
import {
  DirectiveError,
  OCI_SECTIONS,
  type OciLinux,
  type OciMount,
  seccompFor,
  writeSpec,
} from '../../directives/index';
import type { FilePart, Manifest, Requirement } from '../../manifest/index';
import { tokenEscaper } from '../../rendering/tokens';
import { NetworkAccess, type NetworkFile } from '../network/network-access';
import { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import { checkPulledCommand } from '../props/command';
import { type ContainerImage, containerImage, userIn } from '../props/container-image';
import { checkHostname } from '../props/container-props';
import { checkSections, DirectiveSet } from '../props/directive-set';
import type { SecretPaths } from '../props/environment';
import { healthPrograms } from '../props/health';
import type { KnownProps } from '../props/known-props';
import { type Port, parsePorts } from '../props/ports';
import { parseDuration } from '../props/quantities';
import { triggersOf, type Use } from '../props/used';
import { parseVolumes, type Volume } from '../props/volumes';
import { fileAccess } from '../service/file-access';
import { numericOwner } from '../service/host-paths';
import type { Ordering } from '../service/service';
import { unitDirectives } from '../service/unit-directives';
import { checkSlice } from '../service/unit-props';
import { MASKED, networkMounts, READ_ONLY, SYS, SYS_OF_HOST, specMounts, volumeMounts } from './oci-mounts';
import { processDirectives } from './oci-process';
import type { OciDirectives, OciProps } from './oci-props';
import { stopDirectives } from './oci-stop';

const UNIT_SECTIONS = ['Unit', 'Service', 'Install'];
const SPEC_SECTIONS = Object.keys(OCI_SECTIONS);

/** Values that nobody writes by hand, with the prop that sets each. */
const DECIDED = [
  ['process', 'env', 'environment'],
  ['root', 'path', 'image'],
  ['linux', 'cgroupsPath', 'slice'],
] as const;

/** In its own network, a program can use a port below 1024 without a capability. */
const ANY_PORT = { 'net.ipv4.ip_unprivileged_port_start': '0' };

/** The runtime of a container. */
export interface OciRuntime {
  readonly runtime: Manifest['runtime'];
  readonly known: KnownProps<OciProps>;
  /** Units of the host that the container needs, such as a daemon. */
  readonly needs?: readonly string[];
  /**
   * Returns the mount point of a volume whose owners are mapped, by its index. Set for a container with its own range
   * of users.
   */
  readonly mappedAt?: ((service: string, index: number) => string) | undefined;
}

/** A container that an OCI runtime runs from a generated config.json. Each subclass says which runtime, and how. */
export abstract class OciContainer extends NetworkedWorkload<OciDirectives> {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  protected readonly access: NetworkAccess;
  protected readonly directives: DirectiveSet;
  /** Programs that the health probe needs. */
  protected readonly programs: Readonly<Record<string, Requirement>>;
  protected readonly image: ContainerImage;
  protected readonly environmentSection = 'Service' as const;
  protected readonly volumes: readonly Volume[];
  private readonly networkFiles: readonly NetworkFile[];
  private readonly read: readonly Use[];

  protected constructor(
    scope: Construct,
    id: string,
    { runtime, known, needs = [], mappedAt }: OciRuntime,
    props: OciProps,
  ) {
    super(scope, id, runtime, props, known);
    this.require(checkSlice(props.slice, this));
    const at = this.node.path;
    this.unitName = `${this.serviceName}.service`;
    this.ports = parsePorts(props.ports, at);
    this.access = new NetworkAccess(this, props, this.ports, () => this.host.network);
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at);
    this.networkFiles = this.access.files(volumes);
    this.read = this.reads(volumes, {}, numericOwner(props.user));
    this.image = containerImage(props.image, `${at}.image`);
    checkPulledCommand(props.image, props.command, at);
    this.programs = healthPrograms(props.health, 'nsenter');
    checkSections(props.directives, [...UNIT_SECTIONS, ...SPEC_SECTIONS], at);
    this.directives = new DirectiveSet(at);
    const user = props.user ?? this.image.config.user ?? '0';
    const reader = userIn(this.image, user, props.user === undefined ? `${at}.image` : `${at}.user`);
    const secrets = this.mountSecrets(props, reader);
    this.volumes = [...volumes, ...secrets.volumes];
    this.describe(props, needs, secrets.paths, mappedAt && ((index) => mappedAt(this.serviceName, index)));
  }

  protected override get sections() {
    return this.directives.bySection([...UNIT_SECTIONS, ...SPEC_SECTIONS]);
  }

  private describe(
    props: OciProps,
    needs: readonly string[],
    secrets: SecretPaths,
    mappedAt?: (index: number) => string,
  ): void {
    const { serviceName: name, access, directives: set, volumes } = this;
    const at = this.node.path;
    const mounts = specMounts(props, mappedAt ? SYS_OF_HOST : SYS, at);
    const inMemory = props.tmpfs?.length ? 'tmpfs' : props.shmSize === undefined ? undefined : 'shmSize';
    const mounting = volumes.length > 0 ? 'volumes' : inMemory;
    const capabilities = capabilitiesOf(props, access.mode === 'host' ? this.ports : []);
    processDirectives(set, props, this.image, capabilities, secrets, at);
    set
      .prop('readOnlyRoot', 'root', { readonly: props.readOnlyRoot })
      .prop('hostname', 'config', { hostname: checkHostname(props.hostname, at) })
      .prop(mounting ?? 'volumes', 'config', {
        mounts: mounting ? [...mounts, ...volumeMounts(volumes, mappedAt)] : undefined,
      })
      .prop('network', 'linux', { namespaces: namespacesOf(access, mappedAt !== undefined) })
      .defaults('config', { hostname: name, mounts })
      .defaults('root', { readonly: true })
      .defaults('linux', {
        maskedPaths: mappedAt ? [...MASKED, '/sys/fs'] : MASKED,
        readonlyPaths: READ_ONLY,
        seccomp: seccompFor(capabilities),
      })
      .defaults('linux', access.mode === 'none' ? { sysctl: ANY_PORT } : {})
      .defaults('Unit', {
        Requires: [...needs, access.unit.Requires ?? []].flat(),
        After: [...needs, ...(access.unit.After ?? ['network.target'])],
      });
    const { stopTimeout, stopSignal = this.image.config.stopSignal, ...common } = props;
    const { TimeoutStopSec, ...stop } = stopDirectives(stopSignal, parseDuration(stopTimeout, `${at}.stopTimeout`));
    if (stopTimeout !== undefined) set.prop('stopTimeout', 'Service', { TimeoutStopSec });
    set.defaults('Service', { ...stop, TimeoutStopSec });
    unitDirectives(set, name, common, at);
  }

  /** [Unit], [Service] and [Install], without the values that config.json has instead. */
  protected unitSections(ordering: Ordering, elsewhere: readonly string[] = []): Record<string, object> {
    const { Service = {}, ...sections } = this.directives.file(UNIT_SECTIONS, ordering);
    const left = Object.entries(Service).filter(([key]) => key !== 'Environment' && !elsewhere.includes(key));
    return { ...sections, Service: Object.fromEntries(left) };
  }

  /** Constructs whose content the service reads. It restarts when the content changes. */
  protected get triggers() {
    return triggersOf(this.read);
  }

  /**
   * The config.json on the host.
   * @param own Values that the runtime adds or sets.
   * @throws Error
   */
  protected specFile(path: string, own: { readonly root: string; readonly linux: OciLinux }): FilePart {
    for (const [section, key, instead] of DECIDED) {
      const value = this.directives.get(section, key);
      if (value !== undefined)
        fail({
          action: `set ${key} in ${section} to`,
          value,
          problem: `${instead} decides that`,
          expected: `no ${key}`,
          at: this.node.path,
        });
    }
    const { config = {}, process, root, linux } = this.directives.file(SPEC_SECTIONS) as Record<string, object>;
    const variables = (this.directives.get('Service', 'Environment') ?? {}) as Readonly<Record<string, string>>;
    const env = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const { mounts = [], ...rest } = config as { readonly mounts?: readonly OciMount[] };
    const spec = {
      config: { ...rest, mounts: [...mounts, ...networkMounts(this.networkFiles)] },
      process: { ...process, env },
      root: { ...root, path: own.root },
      linux: { ...linux, ...own.linux },
    };
    const sections = { Service: { Environment: variables } };
    try {
      const access = fileAccess(
        path,
        { sections, ofImage: { PATH: variables.PATH ?? '', ...this.image.config.environment } },
        'root',
      );
      return { content: writeSpec(spec, tokenEscaper), ...access };
    } catch (error) {
      throw error instanceof DirectiveError ? new Error(`${error.message} (at ${this.node.path})`) : error;
    }
  }
}

function capabilitiesOf({ capabilities }: OciProps, bound: readonly Port[]): readonly string[] {
  return capabilities ?? (bound.some(({ host }) => Number(host) < 1024) ? ['CAP_NET_BIND_SERVICE'] : []);
}

function namespacesOf({ mode, namespace }: NetworkAccess, users: boolean): OciLinux['namespaces'] {
  const types = ['pid', 'mount', 'ipc', 'uts', 'cgroup', ...(users ? (['user'] as const) : [])] as const;
  const own = types.map((type) => ({ type }));
  if (mode === 'host') return own;
  return [...own, namespace === undefined ? { type: 'network' } : { type: 'network', path: namespace }];
}

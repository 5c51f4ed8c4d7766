import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { type Argv, type Command, type CommandList, Raw, type ServiceSection } from '../../directives/index';
import type { FilePart, Requirement } from '../../manifest/index';
import type { StatedClaim } from '../host/hosted-service';
import { resolvPath } from '../network/names-unit';
import { rootFile } from '../network/network';
import { NetworkAccess } from '../network/network-access';
import { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import { checkSections, DirectiveSet } from '../props/directive-set';
import { type Environment, environmentOf } from '../props/environment';
import { healthDirectives, healthPrograms } from '../props/health';
import { type ImageRoot, imageRoot } from '../props/image-root';
import { classesWith } from '../props/known-props';
import { type Port, parsePorts } from '../props/ports';
import { parseDuration } from '../props/quantities';
import { isStoredImage } from '../props/stored-image';
import { triggersOf, type Use } from '../props/used';
import { parseVolumes } from '../props/volumes';
import { checkMachineName } from '../service/machined';
import type { Ordering, Parts } from '../service/service';
import { unitDirectives } from '../service/unit-directives';
import { checkSlice } from '../service/unit-props';
import { type BootFiles, bootFiles, checkBoot, configurationOf, diskOf, initOf, memoryOf } from './boot';
import { guestNetwork } from './guest-network';
import { type GuestVolume, guestFstab, guestVolumes, volumeUnits } from './guest-volumes';
import { type GuestAddresses, kernelCommandLine } from './guest-words';
import { machineScripts, QEMU } from './machine-scripts';
import { type MachineUnit, machineUnit, registerMachine } from './machine-unit';
import { VIRTUAL_MACHINE_PROPS, type VirtualMachineProps } from './virtual-machine-props';

const UNIT_SECTIONS = ['Unit', 'Service', 'Install'];
const NEEDED = Object.fromEntries(
  [QEMU, 'socat', 'machinectl'].map((program) => [program, { why: 'for the machine' }]),
);

/**
 * A virtual machine on x86-64 that qemu runs under systemd. It has its own kernel, from a kernel image or from a disk.
 * systemd allocates a user for qemu while it runs. qemu sees nothing of the host except a disk, the volumes and the
 * network of the service. An attacker who breaks out of the guest is in a sandbox without privileges. machinectl(1)
 * lists the machine: `machinectl status NAME`.
 *
 * qemu uses KVM if KVM really works on the host. Otherwise it emulates the processor, which is many times slower.
 * `systemctl status NAME` says which. The serial console is the machine's log. The machine is on `host.network` unless
 * `network` sets another network or `'none'`.
 *
 * A guest with systemd gets its address, hostname, hosts and name servers as credentials. Every guest finds them on the
 * command line of its kernel: `bulkhead.hostname`, `.address`, `.address6`, `.gateway`, `.gateway6`, `.dns` and
 * `.hosts`, such as `bulkhead.hosts=10.64.0.2/db/db-alias,fd00::2/db/db-alias`. The guest gets names at its start, and
 * no changes while it runs.
 *
 * On the host: NAME.service, /etc/bulkhead/vm/NAME, /var/lib/bulkhead-vm/NAME with the kernel, and
 * NAME-network.service.
 */
export class VirtualMachine extends NetworkedWorkload {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  override readonly assets: readonly Asset[];
  protected readonly access: NetworkAccess;
  protected readonly environmentSection = 'Service' as const;
  private readonly directives: DirectiveSet;
  private unit!: MachineUnit;
  private readonly boot: BootFiles;
  private readonly image: ImageRoot | undefined;
  private readonly programs: Readonly<Record<string, Requirement>>;
  private readonly id: string;
  private readonly volumes: readonly GuestVolume[];
  private readonly used: readonly Use[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: VirtualMachineProps,
  ) {
    super(scope, id, 'qemu', ofGuest(props, `${scope.node.path}/${id}`), VIRTUAL_MACHINE_PROPS);
    this.require(checkSlice(props.slice, this));
    const { serviceName: name } = this;
    const at = this.node.path;
    checkMachineName(name, at);
    this.unitName = `${name}.service`;
    this.id = createHash('sha256').update(`${this.host.id}/${name}`).digest('hex').slice(0, 32);
    this.ports = parsePorts(props.ports, at);
    checkNetwork(props, at);
    checkBoot(props, at);
    this.access = new NetworkAccess(this, props, this.ports, () => this.host.network, true);
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at);
    const disk = isStoredImage(props.disk) ? [this.require(props.disk)] : [];
    this.used = [...this.reads(volumes), ...disk];
    this.volumes = guestVolumes(volumes, name);
    this.boot = bootFiles(props, name, at);
    // A guest can't create mount points on a read-only disk.
    const mountPoints = props.readOnlyRoot ? this.volumes.map(({ target }) => target) : [];
    this.image = props.image && imageRoot(props.image, mountPoints, `${at}.image`);
    this.assets = [...this.boot.assets, ...(this.image?.assets ?? [])];
    this.programs = healthPrograms(props.health, 'nsenter');
    checkSections(props.directives, UNIT_SECTIONS, at);
    this.directives = this.describe(at);
    this.complete();
  }

  /** @internal */
  override get claims(): readonly StatedClaim[] {
    const disk = this.props.disk === undefined ? undefined : this.unit.disk;
    const claims = [...super.claims, { claim: `machine ${this.serviceName}`, prop: 'name' }];
    return disk ? [...claims, { claim: `disk ${disk.path}`, prop: 'disk' }] : claims;
  }

  protected override get sections() {
    return this.directives.bySection(UNIT_SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const { unitName, boot, image } = this;
    const served = this.volumes.map((volume) => volumeUnits(volume, unitName));
    const unit = `/etc/systemd/system/${unitName}`;
    const configuration = this.configuration();
    const { Service = {}, ...sections } = this.directives.file(UNIT_SECTIONS, ordering) as Record<string, object>;
    const { Environment: _, ExecStartPost, ...ofQemu } = Service as ServiceSection;
    const registered = [registerMachine(this.unit), ...commandsOf(ExecStartPost)];
    const files = { ...configuration, ...boot.files };
    return this.access.withParts({
      natives: {
        [unit]: { format: 'unit', sections: { ...sections, Service: { ...ofQemu, ExecStartPost: registered } } },
        ...Object.assign({}, ...served.map(({ natives }) => natives)),
      },
      files,
      objects: image?.objects ?? {},
      requires: {
        ...NEEDED,
        ...image?.requires,
        ...(image ? { mke2fs: { why: 'for the disk of its image' } } : {}),
        ...(served.length > 0 ? { virtiofsd: { why: 'for its volumes' } } : {}),
        ...this.programs,
      },
      units: {
        [unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [
            unit,
            ...served.flatMap(({ files: read }) => read),
            ...Object.keys(files),
            ...Object.keys(image?.objects ?? {}),
          ],
          ...triggersOf(this.used),
        },
        ...Object.assign({}, ...served.map(({ units }) => units)),
      },
    });
  }

  private describe(at: string): DirectiveSet {
    const { serviceName: name, props, access, image, id } = this;
    const { memory, environment, stopTimeout, ...common } = props;
    const memoryMiB = memoryOf(memory, at);
    const disk = diskOf(props, name, at);
    const { hostsPath, namespace, network } = access;
    this.unit = {
      name,
      id,
      memoryMiB,
      cpus: Math.ceil(props.cpu ?? 1),
      configuration: configurationOf(name),
      boot: this.boot.names,
      directory: this.boot.directory,
      disk,
      image: image?.directory,
      network:
        network && hostsPath !== undefined ? { hosts: hostsPath, servers: resolvPath(network.serviceName) } : undefined,
      namespace,
      stopSec: Math.ceil(parseDuration(stopTimeout ?? '90s', `${at}.stopTimeout`) ?? 0),
      volumes: this.volumes,
    };
    const services = this.volumes.map(({ units }) => units.service);
    const set = new DirectiveSet(at)
      .defaults('Unit', {
        ...access.unit,
        After: [access.unit.After ?? 'network.target', services].flat(),
        Requires: [access.unit.Requires ?? [], services].flat(),
      })
      .prop('environment', 'Service', { Environment: environmentOf(environment, at) })
      .defaults('Service', machineUnit(this.unit));
    healthDirectives(
      set,
      props.health,
      {
        network: namespace === undefined ? [] : ['nsenter', `--net=${namespace}`],
        inside: undefined,
        address: network && access.address,
        prefix: '+',
      },
      at,
    );
    return unitDirectives(set, name, common, at).byHand(props.directives);
  }

  /** The texts that the start of the machine reads. */
  private configuration(): Record<string, FilePart> {
    const directory = configurationOf(this.serviceName);
    const addresses = this.addresses();
    const { kernel, image, disk, readOnlyRoot = false, commandLine = [] } = this.props;
    const environment = (this.directives.get('Service', 'Environment') ?? {}) as Environment;
    const at = this.node.path;
    const line = kernelCommandLine(
      {
        name: this.serviceName,
        id: this.id,
        addresses,
        environment,
        volumes: this.volumes,
        init: initOf(this.props, this.image?.config, at),
        root: image || disk ? '/dev/vda' : undefined,
        readOnlyRoot,
        commandLine,
      },
      at,
    );
    const confidential = Object.keys(environment).length > 0;
    return {
      [`${directory}/command-line`]: {
        ...rootFile(kernel === undefined ? '' : `${line}\n`),
        ...(confidential ? { mode: '0600' } : {}),
      },
      [`${directory}/network`]: rootFile(addresses ? guestNetwork(addresses) : ''),
      [`${directory}/fstab`]: rootFile(guestFstab(this.volumes)),
      ...machineScripts(directory),
    };
  }

  private addresses(): GuestAddresses | undefined {
    return this.access.network && this.connections.member();
  }
}

/** Props of services that share the host's kernel. */
const OF_GUEST = ['tasks', 'user', 'workingDirectory', 'args', 'capabilities', 'stopSignal', 'devices', 'secrets'];

/** Refuses props that only the guest itself can apply. @throws Error */
function ofGuest(props: VirtualMachineProps, at: string): VirtualMachineProps {
  const prop = OF_GUEST.find((name) => typeof props === 'object' && props !== null && name in props);
  if (prop === undefined) return props;
  return fail({
    action: 'set',
    value: prop,
    problem: 'only the guest can apply it, since it has its own kernel',
    expected: `the setting inside the guest, or a service on the kernel of the host: ${classesWith(prop).join(', ')}`,
    at: `${at}.${prop}`,
  });
}

function checkNetwork({ network }: VirtualMachineProps, at: string): void {
  if (network !== 'host') return;
  fail({
    action: 'use network',
    value: network,
    problem: 'a guest has its own kernel, and so its own network',
    expected: "host.network, a Network of your own or 'none'",
    at: `${at}.network`,
  });
}

/** The commands of a directive, in any form. */
function commandsOf(list: CommandList | undefined): readonly (Argv | Command | Raw)[] {
  if (list === undefined) return [];
  const isOne = !Array.isArray(list) || list.every((word) => typeof word === 'string' || word instanceof Raw);
  return isOne ? [list as Argv | Command | Raw] : (list as readonly (Argv | Command | Raw)[]);
}

import { type Command, reset, type ServiceSection } from '../../directives/index';
import { GUEST_TAP, hardwareAddresses, linkName } from '../../network/index';
import { KERNEL_PROTECTION } from '../service/kernel-protection';
import { MACHINED, unregisterMachine } from '../service/machined';
import { type GuestVolume, volumeDevices } from './guest-volumes';
import type { MachineScript } from './machine-scripts';

/** A disk of the guest, as a file of the host. */
export interface MachineDisk {
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
  readonly readOnly: boolean;
}

export interface MachineUnit {
  readonly name: string;
  /** 32 hexadecimal digits that identify the machine for machined and for the guest. */
  readonly id: string;
  /** Directory of its configuration. */
  readonly configuration: string;
  /** Files in `directory` that it boots from without a boot loader. */
  readonly boot: readonly ('kernel' | 'initrd')[];
  /** Directory of the kernel and the disk. */
  readonly directory: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly disk: MachineDisk | undefined;
  readonly volumes: readonly GuestVolume[];
  /** Root of the image that the disk is made from. Undefined for an existing disk. */
  readonly image: string | undefined;
  /** Files with the names and name servers that the guest can use. Undefined without a network. */
  readonly network: { readonly hosts: string; readonly servers: string } | undefined;
  readonly namespace: string | undefined;
  /** Seconds that the guest has to power off. */
  readonly stopSec: number;
}

/** Memory that qemu needs in addition to the guest's memory. */
const OVERHEAD_MIB = 384;

/** Seconds after which systemd kills qemu, when qemu does not end either. */
const MARGIN_SEC = 15;

const runtimeDirectory = (name: string) => `bulkhead-vm/${name}`;

/** [Service] of the unit that runs a virtual machine. */
export function machineUnit(machine: MachineUnit): ServiceSection {
  const { name, configuration, directory, disk, image, network, namespace, stopSec } = machine;
  const script = (verb: MachineScript) => ['sh', '-e', `${configuration}/${verb}.sh`];
  const opened = [
    ...(disk ? [disk.readOnly ? `${disk.path}::read-only` : disk.path] : []),
    ...machine.volumes.map(({ socket }) => socket),
  ];
  const run = `/run/${runtimeDirectory(name)}`;
  const files = [configuration, network?.hosts ?? '', network?.servers ?? '', directory, image ?? ''];
  return {
    Type: 'exec',
    NotifyAccess: 'exec',
    RuntimeDirectory: runtimeDirectory(name),
    RuntimeDirectoryMode: '0700',
    ...SANDBOX,
    NetworkNamespacePath: namespace,
    PrivateNetwork: namespace === undefined ? true : undefined,
    OpenFile: opened.length > 0 ? opened : undefined,
    ExecStartPre: { argv: [...script('prepare'), run, ...files], prefix: '+' },
    ExecStart: [...script('run'), run, ...words(machine)],
    ExecStop: { argv: [...script('stop'), run, String(stopSec)], prefix: '-' },
    ExecStopPost: [
      { argv: unregisterMachine(name), prefix: '-+' },
      ...(image === undefined ? [] : [removeDisk(directory)]),
    ],
    TimeoutStopSec: stopSec + MARGIN_SEC,
    MemoryMax: `${machine.memoryMiB + OVERHEAD_MIB}M`,
    TasksMax: machine.cpus + 64,
    Slice: 'machine.slice',
  };
}

/**
 * systemd allocates the user while the machine runs. The user can open the tap device and KVM, and nothing else of the
 * host.
 */
const SANDBOX: ServiceSection = {
  DynamicUser: true,
  SupplementaryGroups: 'kvm',
  DevicePolicy: 'closed',
  DeviceAllow: ['/dev/net/tun rw', '/dev/kvm rw'],
  CapabilityBoundingSet: reset([]),
  NoNewPrivileges: true,
  ProtectSystem: 'strict',
  ProtectHome: true,
  PrivateTmp: true,
  PrivateIPC: true,
  UMask: '0077',
  ...KERNEL_PROTECTION,
  ProtectProc: 'invisible',
  RestrictNamespaces: true,
  RestrictRealtime: true,
  RestrictSUIDSGID: true,
  LockPersonality: true,
  SystemCallArchitectures: 'native',
  SystemCallFilter: '@system-service',
  SystemCallErrorNumber: 'EPERM',
  RestrictAddressFamilies: ['AF_UNIX', 'AF_INET'],
};

// Without a HPET, an idle guest wakes up a tenth as often.
const MACHINE = 'q35,hpet=off';

// File descriptors that systemd opens begin at 3.
const FIRST_FILE = 3;

function words({ name, id, memoryMiB, cpus, boot, directory, disk, volumes, network }: MachineUnit): string[] {
  return [
    ...['-name', name, '-uuid', dashed(id), '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    // Without it, a guest whose kernel has panicked counts as running.
    ...['-device', 'pvpanic-pci', '-action', 'panic=exit-failure'],
    ...['-machine', MACHINE, '-m', `${memoryMiB}M`, '-smp', String(cpus)],
    ...boot.flatMap((file) => [`-${file}`, `${directory}/${file}`]),
    ...['-serial', 'stdio', '-qmp', 'unix:qmp,server=on,wait=off', '-device', 'virtio-rng-pci'],
    ...['-smbios', `type=11,value=io.systemd.credential:system.hostname=${name}`],
    ...CREDENTIALS.flatMap((credential) => ['-smbios', `type=11,path=${credential}`]),
    ...(network ? networkWords(name) : ['-nic', 'none']),
    ...(disk ? diskWords(disk, FIRST_FILE) : []),
    ...volumeDevices(volumes, memoryMiB, FIRST_FILE + (disk ? 1 : 0)),
  ];
}

const CREDENTIALS = [
  'network.network.10-bulkhead',
  'systemd.unit-dropin.multi-user.target',
  'tmpfiles.extra',
  'fstab.extra',
];

function networkWords(name: string): string[] {
  const { guest } = hardwareAddresses(linkName(name));
  const tap = `tap,id=net,ifname=${GUEST_TAP},script=no,downscript=no`;
  return ['-netdev', tap, '-device', `virtio-net-pci,netdev=net,mac=${guest},romfile=`];
}

function diskWords({ format, readOnly }: MachineDisk, file: number): string[] {
  const access = readOnly ? 'read-only=on' : 'discard=unmap';
  const node = `driver=file,node-name=file,filename=/dev/fdset/1,${access}`;
  const disk = `driver=${format},node-name=disk,file=file,${access}`;
  const device = ['-device', 'virtio-blk-pci,drive=disk'];
  return ['-add-fd', `fd=${file},set=1`, '-blockdev', node, '-blockdev', disk, ...device];
}

const dashed = (id: string) => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/**
 * The command that registers a machine with machined(8). RegisterMachineWithNetwork() takes the machine's name, an ID
 * of 16 bytes, the calling service, the machine's class, its leading process, a root directory or nothing, and the
 * host's ends of its links.
 */
export function registerMachine({ name, id, network }: Pick<MachineUnit, 'name' | 'id' | 'network'>): Command {
  const bytes = (id.match(/../g) ?? []).map((byte) => `0x${byte}`);
  const script = `name=$0 link=$1; shift
if [ "$link" ]; then links="1 $(cat "/sys/class/net/$link/ifindex")"; else links=0; fi
exec busctl call -q ${MACHINED} RegisterMachineWithNetwork sayssusai "$name" 16 "$@" bulkhead vm "$MAINPID" '' $links`;
  return { argv: ['sh', '-ec', script, name, network ? linkName(name) : '', ...bytes], prefix: '+' };
}

const removeDisk = (directory: string): Command => ({
  argv: ['rm', '-rf', '--one-file-system', '--', `${directory}/disk`],
  prefix: '-+',
});

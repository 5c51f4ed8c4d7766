import type { ServiceSection } from '../../directives/index';
import type { UnitPart } from '../../manifest/index';
import { fail } from '../problem';
import type { Volume } from '../props/volumes';
import { KERNEL_PROTECTION } from '../service/kernel-protection';
import type { NativeFile } from '../service/service';

/** A directory of the host that a guest mounts by virtiofs. */
export interface GuestVolume {
  /** Name of the volume for the guest. */
  readonly tag: string;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Socket of the program that serves the volume. Only root can open it: systemd connects qemu to it. */
  readonly socket: string;
  /** Units that serve the volume. */
  readonly units: { readonly socket: string; readonly service: string };
}

/** @throws Error for a volume that a guest can't mount */
export function guestVolumes(volumes: readonly Volume[], name: string): GuestVolume[] {
  return volumes.map(({ source, target, readOnly, from, at }, index) => {
    if (from?.mountKind === 'file')
      fail({
        action: 'mount',
        value: from.node.path,
        problem: 'is a file, and a guest mounts only directories',
        expected: 'a ConfigDirectory, or a directory of the host',
        at,
      });
    if (!/^\/[!#-+\--9;-~]*$/.test(target))
      fail({
        action: 'mount on',
        value: target,
        problem: 'a guest gets the path on the command line of its kernel',
        expected: 'a path of printable ASCII without blanks, commas, colons and double quotes',
        at,
      });
    const tag = `volume${index}`;
    const unit = `${name}-${tag}`;
    return {
      tag,
      source,
      target,
      readOnly,
      socket: `/run/bulkhead/vm/${unit}`,
      units: { socket: `${unit}.socket`, service: `${unit}.service` },
    };
  });
}

const optionsOf = ({ readOnly }: GuestVolume) => (readOnly ? 'ro' : 'rw');

/** The credential `fstab.extra` for systemd-fstab-generator(8) in a guest. */
export function guestFstab(volumes: readonly GuestVolume[]): string {
  const lines = volumes.map((volume) => `${volume.tag} ${volume.target} virtiofs ${optionsOf(volume)} 0 0\n`);
  return lines.join('').replaceAll('\\', '\\134');
}

/**
 * The volumes for the kernel command line of a guest: `volume0:/data:rw,volume1:/srv/www:ro`. Empty without volumes.
 */
export function volumeWords(volumes: readonly GuestVolume[]): string[] {
  if (volumes.length === 0) return [];
  return [`bulkhead.volumes=${volumes.map((volume) => `${volume.tag}:${volume.target}:${optionsOf(volume)}`).join()}`];
}

/** Arguments of qemu for volumes. systemd opens their sockets, as file descriptors from `first` on. */
export function volumeDevices(volumes: readonly GuestVolume[], memoryMiB: number, first: number): string[] {
  if (volumes.length === 0) return [];
  // The program that serves a volume reads and writes the memory of the guest.
  const memory = ['-object', `memory-backend-memfd,id=memory,size=${memoryMiB}M,share=on`];
  const devices = volumes.flatMap(({ tag }, index) => [
    ...['-chardev', `socket,id=${tag},fd=${first + index}`],
    ...['-device', `vhost-user-fs-pci,chardev=${tag},tag=${tag}`],
  ]);
  return [...memory, '-machine', 'memory-backend=memory', ...devices];
}

/** Units that serve a volume. They start and end with the machine. */
export function volumeUnits(volume: GuestVolume, machine: string) {
  const { units, socket } = volume;
  const Description = `${volume.source} for ${machine}`;
  const files = { socket: `/etc/systemd/system/${units.socket}`, service: `/etc/systemd/system/${units.service}` };
  const natives: Record<string, NativeFile> = {
    [files.socket]: {
      format: 'unit',
      sections: {
        Unit: { Description },
        Socket: { ListenStream: socket, SocketMode: '0600', DirectoryMode: '0700', RemoveOnStop: true },
      },
    },
    [files.service]: {
      format: 'unit',
      sections: {
        Unit: { Description, Requires: units.socket, After: units.socket, PartOf: machine },
        Service: server(volume, machine),
      },
    },
  };
  const parts: Record<string, UnitPart> = {
    [units.socket]: { state: 'active', restartOn: [files.socket] },
    [units.service]: { restartOn: [] },
  };
  return { natives, units: parts, files: Object.values(files) };
}

// virtiofsd keeps the owners of files, and needs these capabilities for that. Without the others, it can create no
// device node and no setuid program that users of the host could use.
function server({ source, readOnly }: GuestVolume, machine: string): ServiceSection {
  const words = [
    '--fd=3',
    `--shared-dir=${source}`,
    '--sandbox=chroot',
    '--modcaps=-mknod:-setfcap',
    '--rlimit-nofile=0',
    '--log-level=warn',
  ];
  return {
    ExecStart: ['/usr/libexec/virtiofsd', ...words, ...(readOnly ? ['--readonly'] : [])],
    // virtiofsd ends successfully when qemu ends. If it fails, the guest has lost its volume and must restart.
    ExecStopPost: [
      'sh',
      '-c',
      '[ "$SERVICE_RESULT" = success ] || exec systemctl --no-block try-restart "$0"',
      machine,
    ],
    CapabilityBoundingSet: [
      'CAP_CHOWN',
      'CAP_DAC_OVERRIDE',
      'CAP_FOWNER',
      'CAP_FSETID',
      'CAP_SETGID',
      'CAP_SETPCAP',
      'CAP_SETUID',
      'CAP_SYS_CHROOT',
    ],
    NoNewPrivileges: true,
    RestrictSUIDSGID: true,
    PrivateNetwork: true,
    PrivateDevices: true,
    ProtectSystem: 'strict',
    ...(readOnly ? {} : { ReadWritePaths: source }),
    ...KERNEL_PROTECTION,
    RestrictNamespaces: true,
    RestrictRealtime: true,
    RestrictAddressFamilies: 'AF_UNIX',
    LockPersonality: true,
    MemoryDenyWriteExecute: true,
    SystemCallArchitectures: 'native',
    KeyringMode: 'private',
    UMask: '0000',
  };
}

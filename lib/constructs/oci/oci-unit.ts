import type { ServiceSection } from '../../directives/index';
import type { HealthRuntime } from '../props/health';
import { MOUNT_SCRIPT, mountWords, rootIn, UNMOUNT_SCRIPT, volumeIn } from '../props/mounted-root';

/** A program that implements the OCI runtime specification. */
export type OciProgram = 'crun' | 'runc';

export interface BundleUnit {
  readonly name: string;
  readonly program: OciProgram;
  /** Directory of config.json. */
  readonly bundle: string;
  /** Root file system that services share. */
  readonly image: string;
  /** First user of the host that belongs to the container. Undefined when the container shares the host's users. */
  readonly firstUser: number | undefined;
  readonly readOnlyRoot: boolean;
  /** Paths to mount with their owners mapped. */
  readonly mapped: readonly string[];
}

/**
 * Directory of a running container. It is not below /run/bulkhead, which only root of the host can open. The
 * container's root is another user.
 */
const runtimeDirectory = (name: string) => `bulkhead-oci/${name}`;
const directoryOf = (name: string) => `/run/${runtimeDirectory(name)}`;

/** Mount point of the root of a container. */
export const rootOf = (name: string) => rootIn(directoryOf(name));

/** Mount point of a volume whose owners are mapped. */
export const volumeOf = (name: string, index: number) => volumeIn(directoryOf(name), index);

/** [Service] of the unit that runs a bundle in its own control group. */
export function bundleUnit(unit: BundleUnit): ServiceSection {
  const { name, program, bundle, image, firstUser, readOnlyRoot, mapped } = unit;
  const directory = directoryOf(name);
  const written = readOnlyRoot ? `${directory}/written` : `/var/lib/bulkhead/oci-${name}`;
  const words = mountWords({ directory, written, image, firstUser });
  return {
    Type: 'exec',
    RuntimeDirectory: runtimeDirectory(name),
    RuntimeDirectoryMode: '0711',
    ExecStartPre: ['sh', '-ec', PREPARE, ...words, program, name, ...mapped],
    ExecStart: [...runtimeOf(name, program), ...OPTIONS[program], 'run', '--bundle', bundle, name],
    ExecStopPost: { argv: ['sh', '-c', CLEAN, directory, written, program, name], prefix: '-' },
    Delegate: true,
    KillMode: 'mixed',
    ...(program === 'crun' ? { DevicePolicy: 'closed', DeviceAllow: 'char-pts rw' } : {}),
  };
}

const runtimeOf = (name: string, program: OciProgram) => [program, '--root', `${directoryOf(name)}/state`];

/** crun leaves the container in the unit's control group. runc can't, and creates a control group inside it. */
const OPTIONS: Readonly<Record<OciProgram, readonly string[]>> = { crun: ['--cgroup-manager=disabled'], runc: [] };

// Cleans up after an earlier run, when the runtime or the host was killed.
const CLEAN = `"$2" --root "$0/state" delete --force "$3" 2>/dev/null
${UNMOUNT_SCRIPT}`;

const PREPARE = `"$5" --root "$0/state" delete --force "$6" 2>/dev/null || :
${MOUNT_SCRIPT}
shift 2
n=0
for source; do
  if [ -d "$source" ]; then mkdir "volumes/$n"; else : > "volumes/$n"; fi
  mount -o "$map" "$source" "volumes/$n"
  n=$((n + 1))
done`;

/** How a probe runs in a container. */
export function healthRuntime(
  name: string,
  program: OciProgram,
  namespace: string | undefined,
  mode: string | undefined,
): HealthRuntime {
  const enter = (how: string) => {
    const pid = `"$("$0" --root "$1" state "$2" | sed -n 's/^ *"pid": *\\([0-9]*\\).*/\\1/p')"`;
    const script = `pid=${pid}; shift 2; exec nsenter ${how} --target "$pid" "$@"`;
    return ['sh', '-c', script, ...[program, `${directoryOf(name)}/state`, name]];
  };
  const network = namespace === undefined ? enter('--net') : ['nsenter', `--net=${namespace}`];
  return {
    network: mode === 'host' ? [] : network,
    // runc can't enter a network namespace that belongs to other users than the container's.
    inside: program === 'crun' ? [...runtimeOf(name, program), 'exec', name] : enter('--all'),
    notify: { section: 'Service', directives: { Type: 'notify', NotifyAccess: 'all' } },
  };
}

import type { ServiceSection } from '../../directives/index';
import type { UserNumbers } from '../props/container-image';
import type { HealthRuntime } from '../props/health';
import { MOUNT_SCRIPT, type MountedRoot, mountWords, UNMOUNT_SCRIPT } from '../props/mounted-root';
import type { HostMounts } from './container-mounts';

/** Directory of LXC's containers. lxc-ls(1) and lxc-attach(1) look there. */
const LXC_PATH = '/var/lib/lxc';
export const configPath = (name: string) => `${LXC_PATH}/${name}/config`;
export const seccompPath = (name: string) => `${LXC_PATH}/${name}/seccomp`;

/** Directory of a running container. */
const runtimeDirectory = (name: string) => `bulkhead-lxc/${name}`;
export const directoryOf = (name: string) => `/run/${runtimeDirectory(name)}`;

export interface LxcUnit {
  readonly name: string;
  readonly root: MountedRoot;
  readonly mounts: HostMounts;
  /** Device nodes of the host that the container can use. */
  readonly devices: readonly string[];
  /** Seconds that the program gets to end. */
  readonly stopSec: number;
}

/** [Service] of the unit that runs a container in its own control group. */
export function lxcUnit({ name, root, mounts, devices, stopSec }: LxcUnit): ServiceSection {
  const { points, plain, mapped } = mounts;
  const mountPoints = points.flatMap(({ target, source }) => [target, source]);
  return {
    Type: 'exec',
    RuntimeDirectory: runtimeDirectory(name),
    RuntimeDirectoryMode: '0711',
    // Otherwise newuidmap(1) would look up the users of the container in /etc/subuid.
    UnsetEnvironment: 'PATH',
    ExecStartPre: ['sh', '-ec', PREPARE, ...mountWords(root), name, ...mountPoints, '', ...plain, '', ...mapped],
    ExecStartPost: ['sh', '-c', RUNNING, LXC_PATH, name],
    ExecStop: { argv: ['lxc-stop', ...containerOf(name), '-t', String(stopSec)], prefix: '-' },
    Delegate: true,
    KillMode: 'mixed',
    DevicePolicy: 'closed',
    DeviceAllow: ['/dev/tty rwm', 'char-pts rw', ...devices.map((device) => `${device} rw`)],
  };
}

const containerOf = (name: string) => ['-P', LXC_PATH, '-n', name];
const logOf = (directory: string) => `${directory}/log`;

/**
 * The command that runs a container in the foreground. @param inherited Variables that the container inherits from the
 * unit.
 */
export function startCommand(name: string, inherited: readonly string[], command: readonly string[]): string[] {
  const variables = inherited.flatMap((variable) => ['-s', `lxc.environment=${variable}`]);
  const log = ['-l', 'INFO', '-o', logOf(directoryOf(name))];
  return ['lxc-start', '-F', ...containerOf(name), ...log, ...variables, '--', ...command];
}

/** The command after the end of a container. It cleans up, and fails when the program has failed. */
export function stopPostCommand(name: string, { directory, written }: MountedRoot, success: readonly number[]) {
  return ['sh', '-c', END, directory, written, name, success.join(' ')];
}

// LXC gives its control groups these names. With control groups v1, it leaves those of controllers that systemd does
// not use.
const REMOVE_CGROUPS = `for group in payload monitor; do
  rmdir /sys/fs/cgroup/*/"lxc.$group.$name" /sys/fs/cgroup/*/"lxc.$group.$name"-[0-9]* 2>/dev/null
done
rmdir /sys/fs/cgroup/*/lxc.pivot 2>/dev/null`;

// lxc-start does not exit with the exit status of its program, but its log has that status.
const END = `name=$2 success=$3
ended=$(sed -n 's/.* Child <[0-9]*> ended on \\(error\\|signal\\) .*(\\([0-9]*\\))$/\\1 \\2/p' "${logOf('$0')}" 2>/dev/null | tail -n 1)
${REMOVE_CGROUPS}
${UNMOUNT_SCRIPT}
case $ended in
  error*) status=\${ended#* } ;;
  signal*) status=$((128 + \${ended#* })) ;;
  *) exit 0 ;;
esac
for accepted in $success; do [ "$status" != "$accepted" ] || exit 0; done
echo "The program has ended with exit status $status"
exit "$status"`;

// When LXC creates a mount point, it would follow a link of the image out of the container.
const POINT = `point() (
  case $1/ in
    run/*) cd -P temporary/run; path=\${1#run} ;;
    tmp/*) cd -P temporary/tmp; path=\${1#tmp} ;;
    var/tmp/*) cd -P temporary/var-tmp; path=\${1#var/tmp} ;;
    *) cd -P root; path=/$1 ;;
  esac
  while path=\${path#/}; [ "$path" ]; do
    part=\${path%%/*} path=\${path#"$part"}
    if [ -L "./$part" ]; then
      echo "Cannot mount on /$1: $part is a link in the image, expected a path without links" >&2; exit 1
    elif [ -e "./$part" ]; then :
    elif [ "$path" ] || [ -d "$2" ]; then mkdir -- "./$part"; chown "$first:$first" "./$part"
    else : >"./$part"; chown "$first:$first" "./$part"
    fi
    [ -z "$path" ] || cd -P -- "./$part"
  done
)`;

const PREPARE = `name=$5
{ ${REMOVE_CGROUPS}; } || :
${MOUNT_SCRIPT}
shift
mkdir temporary
mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs temporary
mkdir -m 755 temporary/run
mkdir -m 1777 temporary/tmp temporary/var-tmp
chown "$first:$first" temporary/*
${POINT}
while [ "$1" ]; do
  point "$1" "$2"
  shift 2
done
shift
n=0 owners=$map map=bind
for source; do
  [ "$source" ] || { map=$owners; continue; }
  if [ -d "$source" ]; then mkdir "volumes/$n"; else : >"volumes/$n"; fi
  mount -o "$map" "$source" "volumes/$n"
  n=$((n + 1))
done`;

// lxc-start starts well before its container does.
const RUNNING = `while kill -0 "$MAINPID" 2>/dev/null; do
  [ "$(lxc-info -P "$0" -n "$1" -s -H 2>/dev/null)" = RUNNING ] && exit
  sleep 0.02
done; exit 0`;

/** How a probe runs in a container. */
export function healthRuntime(
  name: string,
  namespace: string | undefined,
  mode: string | undefined,
  { uid = 0, gid = 0 }: UserNumbers,
): HealthRuntime {
  const enter = ['sh', '-c', 'pid=$(lxc-info -P "$0" -n "$1" -p -H); shift; exec nsenter --net --target "$pid" "$@"'];
  const own = namespace === undefined ? [...enter, LXC_PATH, name] : ['nsenter', `--net=${namespace}`];
  return {
    network: mode === 'host' ? [] : own,
    inside: ['lxc-attach', ...containerOf(name), '--clear-env', '-u', String(uid), '-g', String(gid), '--'],
  };
}

import type { ServiceSection } from '../../directives/index';
import type { HealthRuntime } from '../props/health';

export interface ContainerUnit {
  readonly name: string;
  /** Name of the image in containerd's store. */
  readonly image: string;
  /** Path of config.json. */
  readonly spec: string;
  readonly cgroup: string;
}

/** Directory of a running container, below /run. */
const runtimeDirectory = (name: string) => `bulkhead/containerd/${name}`;

/** Mount point of the image's snapshot, which is the root of the container. */
export const rootOf = (name: string) => `/run/${runtimeDirectory(name)}/root`;

/** [Service] of the unit that runs a containerd container in the foreground. */
export function containerUnit({ name, image, spec, cgroup }: ContainerUnit): ServiceSection {
  const root = rootOf(name);
  const run = ['--rm', '--runc-systemd-cgroup', '--cgroup', cgroup, '--label', `image=${image}`, '--config', spec];
  return {
    Type: 'exec',
    RuntimeDirectory: runtimeDirectory(name),
    RuntimeDirectoryMode: '0700',
    ExecStartPre: ['sh', '-ec', PREPARE, name, root, image],
    ExecStartPost: ['sh', '-c', RUNNING, name],
    ExecStart: ['ctr', '-n', NAMESPACE, 'run', ...run, name],
    ExecStopPost: { argv: ['sh', '-c', CLEAN, name, root], prefix: '-' },
  };
}

const NAMESPACE = 'bulkhead';

/** Prefix that runc gives the scope of a container. */
const SCOPE = 'bulkhead-';

// Cleans up after an earlier run, when ctr or the host was killed. Asking first is quiet and fast. If ctr was killed
// while containerd created the task, there is no task to delete, but its shim may be left.
const CLEAN = `ctr() { command ctr -n ${NAMESPACE} --connect-timeout 5s "$@"; }
state=/run/containerd/io.containerd.runtime.v2.task/${NAMESPACE}/$0
shim="^[^ ]*containerd-shim-runc-v2 -namespace ${NAMESPACE} -id $(printf %s "$0" | sed 's/[.]/[.]/g') "
if [ -e "$state" ] || ctr containers info "$0" >/dev/null 2>&1; then
  ctr tasks delete --force "$0" >/dev/null 2>&1 || :
  for try in $(seq 50); do
    [ -e "$state" ] || break
    ctr tasks delete --force "$0" >/dev/null 2>&1 || kill -KILL $(pgrep -u 0 -f "$shim") 2>/dev/null || :
    sleep 0.1
  done
  ctr containers delete "$0" >/dev/null 2>&1 || :
  systemctl stop "${SCOPE}$0.scope" 2>/dev/null || :
  systemctl reset-failed "${SCOPE}$0.scope" 2>/dev/null || :
fi
if ctr snapshots info "$1" >/dev/null 2>&1; then ctr images unmount --rm "$1" >/dev/null || :; fi`;

// ctr starts well before its container does.
const RUNNING = `while kill -0 "$MAINPID" 2>/dev/null; do
  ctr -n ${NAMESPACE} tasks list | awk -v name="$0" '$1 == name && $3 == "RUNNING" { found = 1 } END { exit !found }' && exit
  sleep 0.1
done; exit 0`;

// containerd leases a mounted snapshot for a day, and would then delete it under the container. A label keeps the
// snapshot until it is unmounted.
const PREPARE = `${CLEAN}
mkdir -p "$1"
ctr images mount --rw "$2" "$1" >/dev/null
ctr snapshots label "$1" containerd.io/gc.root=bulkhead >/dev/null
ctr leases delete "$1" >/dev/null`;

/** How a probe runs in a container. */
export function healthRuntime(name: string, namespace: string | undefined, mode: string | undefined): HealthRuntime {
  const enter = `exec nsenter --net --target "$(ctr -n ${NAMESPACE} tasks list | awk -v name="$0" '$1 == name { print $2 }')" "$@"`;
  const own = namespace === undefined ? ['sh', '-c', enter, name] : ['nsenter', `--net=${namespace}`];
  return {
    network: mode === 'host' ? [] : own,
    inside: ['runc', '--root', `/run/containerd/runc/${NAMESPACE}`, 'exec', name],
  };
}

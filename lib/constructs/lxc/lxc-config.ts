import type { LxcConfig } from '../../directives/index';
import type { NetworkAccess } from '../network/network-access';
import { fail } from '../problem';
import type { UserNumbers } from '../props/container-image';
import { checkHostname } from '../props/container-props';
import type { DirectiveSet } from '../props/directive-set';
import type { ImageConfig } from '../props/oci-archive';
import { absolutePath } from '../props/paths';
import { lxcLimits } from '../props/ulimits';
import { RANGE_SIZE } from '../props/user-range';
import type { LxcContainerProps } from './lxc-props';

/** Everything else that determines the config of a container, beside its props. */
export interface LxcPlace {
  readonly name: string;
  readonly root: string;
  readonly firstUser: number | undefined;
  readonly user: UserNumbers;
  readonly capabilities: readonly string[];
  readonly access: NetworkAccess;
  readonly image: ImageConfig | undefined;
  /** lxc.mount.entry of every container. */
  readonly mounts: readonly string[];
  /** lxc.mount.entry of the props and of the secrets. */
  readonly added: readonly string[];
  readonly seccomp: string;
}

// In its own network, a program can use a port below 1024 without a capability. lxc.sysctl is applied too late for
// that, when /proc/sys is already read-only. LXC appends arguments to the command of a hook, so the command ends with
// "#".
const ANY_PORT = `nsenter --net --target "$LXC_PID" sh -c 'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start' #`;

/** Keys of the container's config. @throws Error */
export function lxcDirectives(set: DirectiveSet, props: LxcContainerProps, place: LxcPlace, at: string): void {
  const { name, root, firstUser, user, capabilities, access, image, mounts, added } = place;
  const workingDirectory = absolutePath(props.workingDirectory, 'workingDirectory', at);
  const { stopSignal } = props;
  const privileged = firstUser === undefined;
  const identity: LxcConfig = {
    'lxc.init.uid': user.uid,
    'lxc.init.gid': user.gid,
    ...(user.additionalGids && { 'lxc.init.groups': user.additionalGids.join(',') }),
  };
  const isNamed = props.user !== undefined || (props.groups ?? []).length > 0;
  const keep = { 'lxc.cap.keep': kept(capabilities) };
  const ids = privileged ? {} : { 'lxc.idmap': ['u', 'g'].map((type) => `${type} 0 ${firstUser} ${RANGE_SIZE}`) };
  set
    .prop('image', 'lxc', { 'lxc.rootfs.path': `dir:${root}` })
    .prop('privileged', 'lxc', ids)
    .prop('network', 'lxc', networkOf(access))
    .prop(props.user === undefined ? 'groups' : 'user', 'lxc', isNamed ? identity : {})
    .prop('workingDirectory', 'lxc', { 'lxc.init.cwd': workingDirectory })
    .prop('capabilities', 'lxc', props.capabilities === undefined ? {} : keep)
    .prop('readOnlyRoot', 'lxc', { 'lxc.rootfs.options': props.readOnlyRoot === true ? 'ro' : undefined })
    .prop('stopSignal', 'lxc', { 'lxc.signal.halt': stopSignal === undefined ? undefined : String(stopSignal) })
    .prop('hostname', 'lxc', { 'lxc.uts.name': checkHostname(props.hostname, at) })
    .prop('ulimits', 'lxc', lxcLimits('lxc.prlimit', props.ulimits, at))
    .prop(mountingProp(props), 'lxc', {
      'lxc.mount.entry': added.length > 0 || props.shmSize !== undefined ? [...mounts, ...added] : undefined,
    })
    .defaults('lxc', {
      'lxc.uts.name': name,
      ...identity,
      ...keep,
      'lxc.rootfs.options': props.readOnlyRoot === false ? undefined : 'ro',
      'lxc.init.cwd': image?.workingDirectory ?? '/',
      'lxc.signal.halt': image?.stopSignal ?? 'SIGTERM',
      'lxc.mount.auto': ['proc:mixed', ...(privileged ? ['sys:ro'] : [])],
      'lxc.mount.entry': mounts,
      'lxc.hook.start-host': access.mode === 'none' ? [ANY_PORT] : undefined,
      'lxc.autodev': true,
      'lxc.pty.max': 1024,
      'lxc.tty.max': 0,
      'lxc.console.path': 'none',
      'lxc.cgroup.relative': true,
      'lxc.no_new_privs': true,
      'lxc.seccomp.profile': place.seccomp,
    });
}

/** Refuses capabilities that LXC can't give. @throws Error */
export function checkCapabilities(capabilities: readonly string[], uid: number, at: string): readonly string[] {
  if (uid === 0 || capabilities.length === 0) return capabilities;
  return fail({
    action: 'hold',
    value: capabilities.join(', '),
    problem: `LXC gives capabilities only to root of the container, and the program runs as user ${uid}`,
    expected:
      'capabilities: [] and ports of 1024 or more, user: "0", or one of OciService, ContainerdService, PodmanService',
    at: `${at}.capabilities`,
  });
}

function kept(capabilities: readonly string[]): string[] {
  if (capabilities.length === 0) return ['none'];
  return capabilities.map((capability) => capability.replace(/^CAP_/, '').toLowerCase());
}

/** The prop that a message about the mounts names. */
function mountingProp({ volumes = [], tmpfs = [], devices = [], shmSize }: LxcContainerProps): string {
  if (volumes.length > 0) return 'volumes';
  if (tmpfs.length > 0) return 'tmpfs';
  if (devices.length > 0) return 'devices';
  return shmSize === undefined ? 'secrets' : 'shmSize';
}

function networkOf({ mode, namespace }: NetworkAccess): LxcConfig {
  if (namespace !== undefined) return { 'lxc.namespace.share.net': namespace };
  if (mode === 'host') return { 'lxc.net.0.type': 'none' };
  return { 'lxc.net.0.type': 'empty', 'lxc.net.0.flags': 'up' };
}

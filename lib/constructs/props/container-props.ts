import { Token } from '../cdktf';
import { fail } from '../problem';
import type { KnownProps } from './known-props';
import { type Memory, memoryBytes } from './quantities';
import type { Ulimits } from './ulimits';

/** Props of a container or machine that shares the kernel of the host, whatever runs it. */
export interface CommonContainerProps {
  /**
   * Hostname that the container itself sees: at most 63 letters, digits, `-`, `_` and `.`. Services on the same network
   * reach the container by its name on the host, not by this hostname. A NspawnMachine refuses `_`, and the init of a
   * machine can set another hostname, such as that of /etc/hostname. Becomes HostName= in podman, Hostname in docker,
   * hostname in config.json, Hostname= in nspawn, and lxc.uts.name in LXC, Incus and LXD.
   * @default - the name on the host; in podman the ID of the container, or on the host's network the host's hostname
   */
  readonly hostname?: string;
  /**
   * Directories in memory, empty at each start: `'/tmp'`, or with mount options `'/run:size=64m,mode=755'`. A
   * NspawnMachine refuses /run, which is in memory anyway. In a LxcContainer, a directory below a volume must exist in
   * the volume. An instance of Incus or LXD refuses a directory below a volume. Becomes Tmpfs= in podman, HostConfig.Tmpfs in docker, mounts in config.json, TemporaryFileSystem= in
   * nspawn, lxc.mount.entry in LXC, and lxc.mount.fstab in Incus and LXD.
   * @default - none
   * @see tmpfs(5)
   */
  readonly tmpfs?: readonly string[];
  /**
   * Resource limits of each process in the container, such as `{ nofile: 65536 }`, or with two numbers `{ nofile: {
   * soft: 1024, hard: 65536 } }`. -1 means no limit, but the containers of containerd, crun and runc
   * refuse it. A rootless container can have no higher limits than its user. Becomes Ulimit= in podman,
   * HostConfig.Ulimits in docker, process.rlimits in config.json, LimitNOFILE= and the like in nspawn,
   * lxc.prlimit.nofile and the like in LXC, and limits.kernel.nofile and the like in Incus and LXD.
   * @default - the limits of the runtime
   * @see getrlimit(2)
   */
  readonly ulimits?: Ulimits;
  /**
   * Size of /dev/shm, the memory that processes of the container share: bytes, or a number with a suffix of base 1024
   * such as `'256M'`. Databases and browsers often need more than the default. Becomes ShmSize= in podman,
   * HostConfig.ShmSize in docker, a mount in config.json, TemporaryFileSystem= in nspawn, lxc.mount.entry in LXC, and
   * lxc.mount.fstab in Incus and LXD.
   * @default - 64M; in a NspawnMachine a tenth of the host's memory; in an instance of Incus or LXD, what its init
   * mounts
   */
  readonly shmSize?: Memory;
}

/** Props of a container whose program can be a member of further groups. */
export interface ContainerProps extends CommonContainerProps {
  /**
   * Further groups that the program is a member of, such as `['dialout', '27']`: names in the image, or numbers.
   * A LxcContainer needs `privileged: true` for that, and an instance of Incus or LXD `privateUsers: false`. Becomes GroupAdd= in podman, HostConfig.GroupAdd in docker, process.user in config.json, and lxc.init.groups in
   * LXC, Incus and LXD.
   * @default - the groups of the user in the image
   */
  readonly groups?: readonly string[];
}

/** Props of a container that podman or docker runs. */
export interface EngineContainerProps extends ContainerProps {
  /**
   * Labels of the container, such as `{ 'io.containers.autoupdate': 'registry' }`. Becomes Label= in podman, and Labels
   * in docker.
   * @default - the labels of the image
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Paths of device nodes of the host that the container can read and write, such as `'/dev/fuse'`. Becomes AddDevice=
   * in podman, and HostConfig.Devices in docker.
   * @default - only /dev/null and the like
   */
  readonly devices?: readonly string[];
}

export const COMMON_CONTAINER_PROPS: KnownProps<CommonContainerProps> = {
  hostname: true,
  tmpfs: 'list',
  ulimits: true,
  shmSize: true,
};

export const CONTAINER_PROPS: KnownProps<ContainerProps> = {
  ...COMMON_CONTAINER_PROPS,
  groups: 'list',
};

export const ENGINE_CONTAINER_PROPS: KnownProps<EngineContainerProps> = {
  ...CONTAINER_PROPS,
  labels: true,
  devices: 'list',
};

/** Whether a text is the hostname of a container. */
export function isHostname(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text) && text.length <= 63;
}

/** Checks a `hostname` prop. @throws Error */
export function checkHostname(hostname: string | undefined, at: string): string | undefined {
  if (hostname === undefined || Token.isUnresolved(hostname)) return hostname;
  if (typeof hostname === 'string' && isHostname(hostname)) return hostname;
  return fail({
    action: 'set hostname to',
    value: hostname,
    problem: 'is not a hostname',
    expected: 'at most 63 letters, digits, "-", "_" and "." such as "web.example.org"',
    at: `${at}.hostname`,
  });
}

/** Splits each directory of a `tmpfs` prop into its path and its mount options. @throws Error */
export function parseTmpfs(tmpfs: readonly string[] = [], at: string): (readonly [path: string, options: string])[] {
  return tmpfs.map((text, index) => {
    const [, path, options = ''] = /^(\/[^:]*)(?::(.+))?$/.exec(String(text)) ?? [];
    if (path !== undefined && !/^\/+$|\/\.\.?(?:\/|$)/.test(path)) return [path, options];
    return fail({
      action: 'mount',
      value: text,
      problem: 'is not a directory in memory',
      expected: '"/path" or "/path:options", without "." and ".."',
      at: `${at}.tmpfs[${index}]`,
    });
  });
}

const SHARED_MEMORY = '/dev/shm';

/**
 * Mount options of /dev/shm for a `shmSize` prop. Undefined without the prop.
 * @param options Options beside the size.
 * @throws Error for a size that is not known at synthesis, and for a `tmpfs` prop with /dev/shm
 */
export function sharedMemory(
  { shmSize, tmpfs }: Pick<CommonContainerProps, 'shmSize' | 'tmpfs'>,
  options: string,
  at: string,
): readonly [path: string, options: string] | undefined {
  const bytes = memoryBytes(shmSize, at, 'shmSize');
  if (bytes === undefined) return undefined;
  if (parseTmpfs(tmpfs, at).some(([path]) => /^\/+dev\/+shm\/*$/.test(path)))
    fail({
      action: 'set shmSize to',
      value: shmSize,
      problem: `tmpfs also mounts ${SHARED_MEMORY}`,
      expected: 'one of the two',
      at: `${at}.shmSize`,
    });
  return [SHARED_MEMORY, `${options},size=${bytes}`];
}

/** Checks a `groups` prop: names or numbers of groups. @throws Error */
export function checkGroups(groups: readonly string[] = [], at: string): readonly string[] {
  for (const [index, group] of groups.entries()) {
    if (Token.isUnresolved(group) || (typeof group === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(group)))
      continue;
    fail({
      action: 'add to group',
      value: group,
      problem: 'is not a group',
      expected: 'a name such as "dialout", or a number as text such as "27"',
      at: `${at}.groups[${index}]`,
    });
  }
  return groups;
}

/**
 * Checks the `groups` prop of a container that LXC starts. LXC gives no further groups to a container with its own
 * users.
 * @param hasOwnUsers Whether the container has its own users.
 * @param instead How the container gets the users of the host, such as `privileged: true`.
 * @throws Error
 */
export function checkLxcGroups(
  groups: readonly string[] | undefined,
  hasOwnUsers: boolean,
  instead: string,
  at: string,
): readonly string[] {
  const checked = checkGroups(groups, at);
  if (!hasOwnUsers || checked.length === 0) return checked;
  return fail({
    action: 'add to groups',
    value: checked.join(', '),
    problem: 'LXC gives further groups only to a container that shares the users of the host',
    expected: `${instead}, or one of ContainerdService, DockerService, OciService, PodmanService`,
    at: `${at}.groups`,
  });
}

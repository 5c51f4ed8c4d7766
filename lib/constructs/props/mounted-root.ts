import { RANGE_SIZE } from './user-range';

/** How a unit mounts the shared root of an image and the volumes, for a container with its own range of users. */
export interface MountedRoot {
  /**
   * Directory below /run for all mounts. It is not below /run/bulkhead, which only root of the host can open. The
   * container's root is another user.
   */
  readonly directory: string;
  /** Shared root file system. */
  readonly image: string;
  /** Directory for everything that the container writes. It is kept until the container stops. */
  readonly written: string;
  /**
   * First user number of the host that belongs to the container. Undefined when the container shares the host's users.
   */
  readonly firstUser: number | undefined;
}

/** The mount point of the root. */
export const rootIn = (directory: string) => `${directory}/mounts/root`;

/** The mount point of a volume whose owners are mapped. */
export const volumeIn = (directory: string, index: number) => `${directory}/mounts/volumes/${index}`;

/** Arguments of {@link MOUNT_SCRIPT}. The first is `$0`. */
export function mountWords({ directory, written, image, firstUser }: MountedRoot): string[] {
  const users = firstUser === undefined ? '' : `0:${firstUser}:${RANGE_SIZE}`;
  return [directory, written, image, users, String(firstUser ?? 0)];
}

/**
 * Removes the mounts and files of an earlier run, which may have been killed. `$1` is the directory of written files.
 */
export const UNMOUNT_SCRIPT = `cd "$0/mounts" 2>/dev/null && for mounted in root image temporary volumes/*; do umount --quiet "$mounted" 2>/dev/null; done
cd /; rm -rf --one-file-system -- "$0/mounts" "$1"
:`;

/**
 * Mounts the root and the volumes with their owners mapped, so that all containers of an image share its files.
 * Whatever the container or its runtime writes goes to a separate directory. Only the container's root may enter the
 * mounts, since the image has programs of other services. The script ends in the directory of the mounts.
 */
export const MOUNT_SCRIPT = `set +e
${UNMOUNT_SCRIPT}
set -e
written=$1 image=$2 users=$3 first=$4
map=bind\${users:+,X-mount.idmap=$users}
shift 4
umask 077
mkdir -p "$written" "$0/mounts"
cd "$0/mounts"
chown "$first" .
umask 022
mkdir image root volumes "$written/upper" "$written/work"
chown "$first:$first" "$written/upper"
mount -o "$map,ro,nosuid,nodev" "$image" image
mount -t overlay -o "nosuid,nodev,lowerdir=image,upperdir=$written/upper,workdir=$written/work" overlay root`;

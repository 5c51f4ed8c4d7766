import { RANGE_SIZE } from './user-range';

/** How a unit mounts the shared root of an image, and volumes, for a container that has users of its own. */
export interface MountedRoot {
  /** Directory below /run that holds all of it. /run/bulkhead is for root alone, who is another one in the container. */
  readonly directory: string;
  /** Root file system that services share. */
  readonly image: string;
  /** Where what the container writes is kept until it stops. */
  readonly written: string;
  /** First user of the host that is one of the container's; undefined when it shares the users of the host. */
  readonly firstUser: number | undefined;
}

/** Where the root is mounted. */
export const rootIn = (directory: string) => `${directory}/mounts/root`;

/** Where a volume is mounted with its owners mapped. */
export const volumeIn = (directory: string, index: number) => `${directory}/mounts/volumes/${index}`;

/** Words for {@link MOUNT_SCRIPT}, of which the first is `$0`. */
export function mountWords({ directory, written, image, firstUser }: MountedRoot): string[] {
  const users = firstUser === undefined ? '' : `0:${firstUser}:${RANGE_SIZE}`;
  return [directory, written, image, users, String(firstUser ?? 0)];
}

/** Removes what an earlier run has mounted and written: it may have been killed, or the host. `$1` is what was written. */
export const UNMOUNT_SCRIPT = `cd "$0/mounts" 2>/dev/null && for mounted in root image temporary volumes/*; do umount --quiet "$mounted" 2>/dev/null; done
cd /; rm -rf --one-file-system -- "$0/mounts" "$1"
:`;

/**
 * Mounts the root and the volumes with their owners mapped, so that all containers of an image share its files. What a
 * container, or its runtime, writes goes to a directory of its own. Nobody but the container's root may pass, since the
 * image has programs of others. Ends in the directory of the mounts.
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

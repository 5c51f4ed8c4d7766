import type { ArchiveEntry } from './archive';
import { imageTree } from './images';

/** Modules that Debian's kernel needs for the devices of a VirtualMachine, in the order in which they are loaded. */
export const MODULES = [
  'failover',
  'net_failover',
  'virtio_net',
  'virtio_blk',
  'evdev',
  'button',
  'pvpanic',
  'pvpanic-pci',
] as const;

export interface Module {
  readonly name: string;
  readonly content: Buffer;
}

// The button is watched by a process that keeps open what it needs: a new root is mounted over what it sees. The names
// of other services are known only at the start, so on a read-only root they are in files in memory.
const INIT = `#!/bin/sh
export PATH=/bin
set -f
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in ${MODULES.join(' ')}; do insmod "/lib/modules/$module.ko"; done
init= mounts= access=rw
xargs -n 1 printf '%s\\n' </proc/cmdline >/tmp/words 2>/dev/null
while read -r word; do
  value=\${word#*=}
  case $word in
    init=*) init=$value ;;
    ro) access=ro ;;
    bulkhead.hostname=*) hostname "$value" ;;
    bulkhead.address=*) address=$value ;;
    bulkhead.address6=*) address6=$value ;;
    bulkhead.gateway=*) gateway=$value ;;
    bulkhead.gateway6=*) gateway6=$value ;;
    bulkhead.hosts=*) hosts=$value ;;
    bulkhead.dns=*) dns=$value ;;
    bulkhead.volumes=*) mounts=$value ;;
    --) break ;;
  esac
done </tmp/words
ip link set lo up
if [ "$address" ]; then
  ip link set eth0 up
  ip address add "$address/32" dev eth0
  ip route add "$gateway" dev eth0
  ip route add default via "$gateway" dev eth0
  ip address add "$address6/128" dev eth0
  ip -6 route add default via "$gateway6" dev eth0
fi
root=
if [ -b /dev/vda ]; then
  root=/root
  mount -t ext4 -o "$access" /dev/vda "$root"
fi
if [ "$access" = ro ]; then
  for directory in run tmp var/tmp; do mount -t tmpfs tmpfs "$root/$directory"; done
  mount -t tmpfs tmpfs /files
fi
put() {
  if [ "$access" = rw ]; then cat >"$root$1"; return; fi
  cat >"/files/\${1##*/}"
  mount -o bind "/files/\${1##*/}" "$root$1"
}
echo "$hosts" | tr , '\\n' | tr / ' ' | cat /etc/hosts - >/tmp/hosts
put /etc/hosts </tmp/hosts
[ -z "$dns" ] || echo "$dns" | tr , '\\n' | sed 's/^/nameserver /' | put /etc/resolv.conf
echo "$mounts" | tr , '\\n' | while IFS=: read -r tag target options; do
  [ -z "$tag" ] || { mkdir -p "$root$target"; mount -t virtiofs -o "\${options:-rw}" "$tag" "$root$target"; }
done
(
  exec 9>/proc/sysrq-trigger
  set +f
  for event in /dev/input/event*; do ( head -c 1 "$event" >/dev/null && { sync; echo o >&9; } ) & done
)
[ "$init" ] || set -- -f -p 80 -h /www
if [ "$root" ]; then
  for directory in proc sys dev; do mount --move "/$directory" "$root/$directory"; done
  exec switch_root "$root" "\${init:-/bin/httpd}" "$@"
fi
exec "\${init:-/bin/httpd}" "$@"
`;

/** What is in the initial RAM file system of a guest. */
export function guestTree(busybox: Uint8Array, applets: readonly string[], modules: readonly Module[]): ArchiveEntry[] {
  return [
    ...imageTree(busybox, applets),
    { type: 'File', path: 'init', content: INIT, mode: 0o755 },
    { type: 'Directory', path: 'files' },
    { type: 'Directory', path: 'lib' },
    { type: 'Directory', path: 'lib/modules' },
    ...modules.map(({ name, content }) => ({ type: 'File', path: `lib/modules/${name}.ko`, content }) as const),
  ];
}

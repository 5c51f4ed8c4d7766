#!/bin/sh
# Starts the practice host in two steps. `launch` runs on the machine: it takes the lock that means "running", joins
# the lab's cgroups and opens the namespaces. `boot` runs inside of them, sets up what a kernel and an initrd would,
# and becomes systemd. Settings arrive as LAB_* variables.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

launch() {
  exec 9>>"$LAB_STATE/pid"
  # Someone who merely asks whether the lab runs holds this lock for a moment.
  flock -w 5 9 || { echo 'the lab is running already'; exit 1; }
  echo $$ > "$LAB_STATE/pid"
  for cgroup in $LAB_CGROUPS; do echo $$ > "$cgroup/cgroup.procs"; done
  exec 8< /proc/self/ns/net
  exec unshare --mount --net --pid --uts --ipc --cgroup --kill-child=KILL sh "$0" boot
}

# The link to the machine. It ends with the network namespace, so nothing of it can be left over.
network() {
  outside='nsenter --net=/proc/self/fd/8'
  ip link add host0 type veth peer name "$LAB_LINK" netns /proc/self/fd/8
  $outside ip addr add "$LAB_GATEWAY/24" dev "$LAB_LINK"
  $outside ip link set "$LAB_LINK" up
  ip link set lo up
}

root_filesystem() {
  mount -t overlay -o "lowerdir=$LAB_ROOTFS,upperdir=$LAB_STATE/disk/upper,workdir=$LAB_STATE/disk/work" overlay "$1"
  # Container engines keep overlays of their own in here, and id-mapped mounts come from here: an overlay can't do either.
  mount --bind "$LAB_STATE/disk/var" "$1/var"
  mount --bind "$LAB_STATE/disk/home" "$1/home"
  mount --bind "$LAB_STATE/disk/srv" "$1/srv"
  mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$1/run"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$1/tmp"
}

kernel_objects() {
  safe=nosuid,nodev,noexec
  mount -t proc -o $safe proc "$1/proc"
  mount -t sysfs -o $safe sysfs "$1/sys"
  mount -t bpf bpf "$1/sys/fs/bpf" 2> /dev/null || true
  cgroups "$1/sys/fs/cgroup"
  # The devices in there belong to the machine. It also tells systemd that there is no udev to wait for.
  mount -o remount,bind,ro,$safe "$1/sys"
  # Every boot has its own id, by which podman, the journal and others know that there was a reboot.
  cat /proc/sys/kernel/random/uuid > "$1/run/boot-id"
  mount --bind "$1/run/boot-id" "$1/proc/sys/kernel/random/boot_id"
  # A user namespace may mount proc and sysfs only while it sees ones that nothing was changed in.
  mkdir -p "$1/run/host/proc" "$1/run/host/sys"
  mount -t proc -o $safe proc "$1/run/host/proc"
  mount -t sysfs -o $safe sysfs "$1/run/host/sys"
}

cgroups() {
  if [ -z "$LAB_CGROUP_V1" ]; then
    mount -t cgroup2 cgroup2 "$1"
    return
  fi
  mount -t tmpfs -o mode=755 tmpfs "$1"
  for hierarchy in $LAB_CGROUP_V1; do
    mkdir "$1/${hierarchy%%:*}"
    mount -t cgroup -o "${hierarchy#*:}" cgroup "$1/${hierarchy%%:*}"
  done
  mkdir "$1/unified"
  mount -t cgroup2 cgroup2 "$1/unified"
}

# Never devtmpfs: there is one for the whole machine, and systemd would change permissions in it.
devices() {
  mount -t tmpfs -o mode=755,nosuid tmpfs "$1"
  mkdir "$1/net" "$1/pts" "$1/shm" "$1/mqueue"
  for node in null zero full random urandom tty fuse net/tun loop-control; do
    [ ! -c "/dev/$node" ] || cp -a "/dev/$node" "$1/$node"
  done
  # As udev would have them: containers of users need both.
  for node in fuse net/tun; do [ ! -c "$1/$node" ] || chmod 666 "$1/$node"; done
  for number in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do mknod -m 660 "$1/loop$number" b 7 "$number"; done
  cp -a "$1/null" "$1/console"
  mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$1/pts"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$1/shm"
  ln -s pts/ptmx "$1/ptmx"
  ln -s /proc/self/fd "$1/fd"
  ln -s /proc/self/fd/0 "$1/stdin"
  ln -s /proc/self/fd/1 "$1/stdout"
  ln -s /proc/self/fd/2 "$1/stderr"
}

boot() {
  root=$LAB_STATE/root
  network
  root_filesystem "$root"
  kernel_objects "$root"
  devices "$root/dev"
  hostname "$LAB_HOSTNAME"
  exec 8<&-
  cd "$root"
  mkdir run/machine
  pivot_root . run/machine
  umount -l /run/machine
  rmdir /run/machine
  # systemd expects this of whoever starts it in a container; without it LoadCredential= fails.
  mount --make-rshared /
  arguments=
  [ -z "$LAB_CGROUP_V1" ] || arguments='systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'
  # shellcheck disable=SC2086
  exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/lib/systemd/systemd --log-target=journal $arguments
}

"$1"

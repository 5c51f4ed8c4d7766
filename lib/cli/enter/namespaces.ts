/** What a command ends with that has not been run, as that of docker and podman does. */
export const NOT_ENTERED = 125;

/*
 * Runs a command in the namespaces, root and working directory of a process, as its user and with its group, and where
 * nsenter(1) can do it with its environment. Arguments: what the process is of, its number, and the command.
 *
 * Among the users of the host, nobody is to gain by it what the process itself can't do: set-user-ID files gain nothing.
 * Whoever runs as root there, but not with all that root can do, must not gain it from a command that lies in a root of
 * its own: capabilities are dropped by the host's own setpriv(1), inside, or nothing is run. Among users of its own, root
 * can do nothing to the host.
 */
export const ENTER = `
enter() {
  name=$1 pid=$2; shift 2
  refuse() { echo "Cannot enter $name: $1" >&2; exit ${NOT_ENTERED}; }
  [ "\${pid:-0}" -gt 0 ] || refuse "it has no process that goes on, expected one that does"
  status() { awk -v key="$1:" -v column="$2" '$1 == key { print $column }' "/proc/$pid/status" 2>/dev/null; }
  inside() { awk -v id="$2" 'id >= $2 && id < $2 + $3 { print $1 + id - $2; exit }' "/proc/$pid/$1_map" 2>/dev/null; }
  uid=$(inside uid "$(status Uid 3)") gid=$(inside gid "$(status Gid 3)") bounds=$(status CapBnd 2) locked=$(status NoNewPrivs 2)
  [ "$uid" ] && [ "$gid" ] || refuse "its process has ended, expected one that runs"
  [ ! "/proc/$pid/ns/user" -ef /proc/self/ns/user ] || locked=host
  if [ "$uid" = 0 ] && [ "$bounds" != "$(awk '$1 == "CapBnd:" { print $2 }' /proc/self/status)" ]; then
    if [ "/proc/$pid/root/." -ef / ] && [ "/proc/$pid/root/usr/bin/setpriv" -ef /usr/bin/setpriv ]; then
      capabilities=-all bit=0
      while [ $bit -lt 63 ]; do
        [ $((0x$bounds >> bit & 1)) = 0 ] || capabilities=$capabilities,+cap_$bit
        bit=$((bit + 1))
      done
      set -- /usr/bin/setpriv "--bounding-set=$capabilities" -- "$@"
    elif [ "$locked" = host ]; then
      refuse "it runs as root in a root of its own, with fewer capabilities than root of the host, expected another user"
    fi
  fi
  environment=
  ! nsenter --help | grep -q -e ' --env' || environment=--env
  set -- nsenter "--target=$pid" --all --root --wd $environment "--setuid=$uid" "--setgid=$gid" -- "$@"
  [ "$locked" = 0 ] || set -- setpriv --no-new-privs -- "$@"
  # What runs there could write to its terminal as if somebody had typed it, so that terminal is not to be ours.
  if [ -t 0 ] && [ -t 1 ]; then set -- runuser --pty --user=root -- "$@"; else set -- setsid --wait "$@"; fi
  exec env -i LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
`;

/** Names that an engine gives out once, to what services start there and whoever else. */
export interface NameLook {
  /** The claim of such a name: `podman-container` of `podman-container web`. */
  readonly claim: 'podman-container' | 'machine';
  readonly noun: string;
  /** `user`: each user has names of their own. */
  readonly scope: 'host' | 'user';
  /** What ends one that somebody else has. */
  readonly remedy: (name: string) => string;
  /**
   * Lines of sh that print those that are there: name, tab and the unit that has it, if any. Standard input: the names,
   * one a line.
   */
  readonly look: string;
}

// What runs in the unit of that name is ours, or in the way as a unit.
const RUNS = `
runs() { for group in "$1"/*.slice/"$name.service"; do [ ! -d "$group" ] || return 0; done; return 1; }`;

// To ask podman takes a tenth of a second. What its storage does not name is not there.
const PODMAN_LOOK = `${RUNS}
groups=/sys/fs/cgroup at=/var/lib/containers/storage uid=$(id -u)
[ "$uid" = 0 ] || groups=/sys/fs/cgroup/user.slice/user-$uid.slice/user@$uid.service at=$HOME/.local/share/containers/storage
while IFS= read -r name; do
  ! runs "$groups" || continue
  cat "$at"/*-containers/containers.json "$at"/*-containers/volatile-containers.json 2>/dev/null |
    grep -qF "\\"$name\\"" || continue
  unit=$(podman container inspect --format '{{index .Config.Labels "PODMAN_SYSTEMD_UNIT"}}' "$name" 2>/dev/null) || continue
  printf '%s\\t%s\\n' "$name" "$unit"
done
exit 0`;

const MACHINE_LOOK = `${RUNS}
while IFS= read -r name; do
  [ -e "/run/systemd/machines/$name" ] && ! runs /sys/fs/cgroup || continue
  unit=$(machinectl show "$name" --property=Unit --value 2>/dev/null) && printf '%s\\t%s\\n' "$name" "$unit"
done
exit 0`;

export const NAME_LOOKS: readonly NameLook[] = [
  {
    claim: 'podman-container',
    noun: 'podman has a container of that name',
    scope: 'user',
    remedy: (name) => `podman rm --force ${name}`,
    look: PODMAN_LOOK,
  },
  {
    claim: 'machine',
    noun: 'systemd-machined has a machine of that name',
    scope: 'host',
    remedy: (name) => `machinectl terminate ${name}`,
    look: MACHINE_LOOK,
  },
];

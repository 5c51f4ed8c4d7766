import type { Kind } from '../kind';
import { prepareUser, removeUser } from './user-scripts';

interface ActualUser {
  readonly home: string;
  /** Its primary group. */
  readonly group: string;
  /** Whether it has ranges in subuid(5) and subgid(5). */
  readonly subordinateIds: boolean;
  /** Whether its systemd is started at boot. */
  readonly linger: boolean;
  /** Whether its systemd runs. */
  readonly running: boolean;
}

/** For each user a line: its name, its home, its group, and words for what it has. */
const LOOK = `
while IFS= read -r user; do
  entry=$(getent passwd "$user") || continue
  IFS=: read -r _ _ uid _ _ home _ <<END
$entry
END
  has=
  grep -q "^$user:" /etc/subuid && grep -q "^$user:" /etc/subgid && has=ids
  [ -e "/var/lib/systemd/linger/$user" ] && has="$has linger"
  systemctl is-active --quiet "user@$uid.service" && has="$has systemd"
  printf '%s\\t%s\\t%s\\t%s\\n' "$user" "$home" "$(id -gn "$user")" "$has"
done
`;

/**
 * A system user who runs services without root, with its own ranges of subordinate IDs and its own systemd, which runs
 * from boot on.
 */
export const user: Kind<ActualUser> = {
  name: 'user',
  programs: {
    useradd: { package: 'passwd' },
    newuidmap: { package: 'uidmap' },
    loginctl: { package: 'systemd' },
  },
  look: LOOK,
  holds: 'is in its home',
  outlivesAdoption: true,

  read(text) {
    const [home = '', group = '', has = ''] = text.split('\t');
    const words = has.split(' ');
    const [subordinateIds, linger, running] = ['ids', 'linger', 'systemd'].map((word) => words.includes(word));
    return { home, group, subordinateIds: !!subordinateIds, linger: !!linger, running: !!running };
  },

  asMade: (name, { spec }) => ({
    home: spec?.home ?? '',
    group: name,
    subordinateIds: true,
    linger: true,
    running: true,
  }),

  plan(name, actual, { spec }) {
    const reason = difference(actual);
    if (!reason) return [];
    if (actual && actual.home !== spec?.home)
      return [
        { phase: 'prepare', reason },
        { obstacle: `its home is ${actual.home}, expected ${spec?.home}`, advice: 'set its `home`' },
      ];
    if (actual && actual.group !== name)
      return [
        { phase: 'prepare', reason },
        { obstacle: `its group is ${actual.group}, expected its own group ${name}` },
      ];
    return [{ phase: 'prepare', reason }];
  },

  async act(phase, scope, changes, { leaving, signal }) {
    for (const { name, wanted, service } of changes) {
      if (phase === 'delete') await removeUser(scope, name, leaving, service);
      else await prepareUser(scope, name, wanted?.spec?.home ?? '', service, signal);
    }
  },
};

function difference(actual: ActualUser | undefined): string | undefined {
  if (!actual) return 'is missing';
  if (!actual.subordinateIds) return 'has no subordinate IDs';
  if (!actual.linger) return 'does not linger: its services would not start at boot';
  return actual.running ? undefined : 'has no systemd running';
}

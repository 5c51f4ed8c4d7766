import type { Manifest } from '../manifest';

/** Which entries of a journal to show, and how. */
export interface JournalOptions {
  /** Go on with new entries until the command is interrupted. */
  readonly follow?: boolean;
  /** How many of the newest entries, or `all`. */
  readonly lines: string;
  /** Nothing older: a time as journalctl(1) takes it. */
  readonly since?: string;
  /** One JSON object per line in place of text. */
  readonly json?: boolean;
}

// What the programs of users print has their user ID; what their systemd says about them has it, too.
const OF_USER = `
uid=$(id -u -- "$1") || exit
units=$2
shift 2
set -- journalctl "$@"
for field in _SYSTEMD_USER_UNIT USER_UNIT; do
  [ "$field" = USER_UNIT ] && set -- "$@" +
  for unit in $units; do set -- "$@" "$field=$unit"; done
  set -- "$@" "_UID=$uid"
done
exec "$@"
`;

/** Commands that print the journal of services: one for all of the system's, and one for those of each user. */
export function journalCommands(manifests: readonly Manifest[], options: JournalOptions): string[][] {
  const { follow, lines, since, json } = options;
  const args = [
    '--no-pager',
    '--quiet',
    `--output=${json ? 'json' : 'short-iso'}`,
    `--lines=${lines}`,
    ...(since === undefined ? [] : [`--since=${since}`]),
    ...(follow ? ['--follow'] : []),
  ];
  return [...new Set(manifests.map(({ user }) => user))].flatMap((user) => {
    const units = manifests.filter((manifest) => manifest.user === user).flatMap(({ units }) => Object.keys(units));
    if (units.length === 0) return [];
    return user === undefined
      ? [['journalctl', ...args, ...units.map((unit) => `--unit=${unit}`)]]
      : [['sh', '-c', OF_USER, 'sh', user, units.join(' '), ...args]];
  });
}

import type { RunOptions, RunResult, Transport } from '../transport';

/** Where the commands for a service run: as root, or as the user of the service. */
export interface Scope {
  readonly address: string;
  readonly user?: string;
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** Name of a user's part in a list with the parts of several users: `units@shop`. */
export const inScope = (name: string, user: string | undefined): string =>
  user === undefined ? name : `${name}@${user}`;

/** Shell text that runs a command as the user with `$uid` and `$gid`, who need not be logged in. */
export const AS_USER =
  'setpriv --reuid="$uid" --regid="$gid" --init-groups --reset-env env LC_ALL=C XDG_RUNTIME_DIR="/run/user/$uid"';

const SCRIPT = `
entry=$(getent passwd "$1") || { echo "there is no user $1" >&2; exit 1; }
shift
IFS=: read -r _ _ uid gid _ <<END
$entry
END
cd / && exec ${AS_USER} "$@"
`;

/** The command as a user. Without a user, the command itself. */
export function commandOf(user: string | undefined, argv: readonly string[]): readonly string[] {
  return user === undefined ? argv : ['sh', '-c', SCRIPT, 'sh', user, ...argv];
}

/** The scope of a user on a host. Without a user, the system's. */
export function scopeOf(transport: Transport, user: string | undefined): Scope {
  if (user === undefined) return transport;
  const { address } = transport;
  return { address, user, run: (argv, options) => transport.run(commandOf(user, argv), options) };
}

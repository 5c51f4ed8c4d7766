/** A value that is written as it is. Made by {@link raw}. */
export class Raw {
  constructor(readonly text: string) {}
}

/** A list that first empties what was set before. Made by {@link reset}. */
export class Reset<T> {
  constructor(readonly values: readonly T[]) {}
}

/**
 * Takes a text as it would stand in the file: specifiers (`%i`), variables (`$MAINPID`) and quotes keep their meaning.
 * Everything else in these types is taken literally.
 * @throws DirectiveError when written, if it contains a line break.
 */
export function raw(text: string): Raw {
  return new Raw(text);
}

/**
 * Writes the empty assignment first, which drops the values set before in the same or an earlier file, then `values`.
 * `reset([])` leaves an empty list: `CapabilityBoundingSet: reset([])` is no capability at all.
 */
export function reset<T>(values: readonly T[]): Reset<T> {
  return new Reset(values);
}

/** One value. `undefined` is not written. */
export type Value<T> = T | Raw | undefined;

/** One value or several. `undefined` and `[]` are not written; {@link reset} empties. */
export type List<T> = T | Raw | readonly (T | Raw)[] | Reset<T | Raw> | undefined;

/** Names and their values, in the order given. A name whose value is `undefined` is not written. */
export interface Variables {
  readonly [name: string]: string | Raw | undefined;
}
/** Variables, or what {@link List} allows of them. */
export type VariableList = Variables | Raw | readonly (Variables | Raw)[] | Reset<Variables | Raw> | undefined;

/** A command: the program, then its arguments, each one word whatever it contains. */
export type Argv = readonly (string | Raw)[];

/**
 * What to do with a command beside running it: `-` ignores its failure, `@` takes the second word as argv[0], `:` leaves
 * `$` alone, `+` runs it with full privileges, `!` and `!!` without changing user, `|` (systemd 258) in a login shell.
 * @see systemd.service(5)
 */
export type CommandPrefix = Exclude<
  `${'' | '-'}${'' | '@'}${'' | ':'}${'' | '+' | '!' | '!!'}` | `${'' | '-'}|${'' | '+' | '!'}`,
  ''
>;

/** A command with a prefix. */
export interface Command {
  readonly argv: Argv;
  readonly prefix?: CommandPrefix;
}

/** One command (`['/bin/echo', 'a b']`) or several (`[['/bin/true'], { argv: ['/bin/false'], prefix: '-' }]`). */
export type CommandList = Argv | Command | Raw | readonly (Argv | Command | Raw)[] | Reset<Argv | Command | Raw>;

/** Signal that programs give a meaning of their own: `SIGRTMIN+4`. @see signal(7) */
export type RealtimeSignal = `SIGRTMIN${'' | `+${number}`}` | `SIGRTMAX${'' | `-${number}`}`;

/** Bytes, or with a suffix to base 1024. `1GB` and `1e6` are not sizes. */
export type Size = number | `${number}` | `${number}${'B' | 'K' | 'M' | 'G' | 'T' | 'P' | 'E'}`;

/** Percentage; may exceed 100 where the key allows it. */
export type Percent = `${number}%`;

/** A number of seconds, or a text such as `90s`, `5min`, `1h 30min`. @see systemd.time(7) */
export type Timespan = number | string;

/** Permissions: `0o755` or `'0755'`. */
export type Mode = number | `${number}`;

/** Soft and hard limit (`'1024:4096'`), or one for both; `infinity` for no limit. */
export type ResourceLimit = Size | 'infinity' | `${string}:${string}`;

/** Duration as podman reads it: `90s`, `1m30s`. */
export type GoDuration = `${number}${'ns' | 'us' | 'ms' | 's' | 'm' | 'h'}${string}`;

/** Size as podman reads it: bytes, or with a suffix such as `m`, `mb` or `MiB`, always to base 1024. */
export type PodmanSize =
  | number
  | `${number}${'' | 'b' | 'B' | `${'k' | 'm' | 'g' | 'K' | 'M' | 'G'}${'' | 'b' | 'B' | 'ib' | 'iB'}`}`;

/** A name of which some are known, open for others. */
export type Open<T extends string> = T | (string & {});

/** The entry itself or taken out of the list: `CAP_CHOWN`, `~CAP_CHOWN`. */
export type Negatable<T extends string> = T | `~${T}`;

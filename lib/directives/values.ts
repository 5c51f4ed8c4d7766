/** A value that is written unchanged. Created by {@link raw}. */
export class Raw {
  constructor(readonly text: string) {}
}

/** A list that first clears the values set before. Created by {@link reset}. */
export class Reset<T> {
  constructor(readonly values: readonly T[]) {}
}

/**
 * Writes a text unchanged: specifiers (`%i`), variables (`$MAINPID`) and quotes keep their meaning. All other values
 * are literal.
 * @param text The text as it should be in the file, on one line.
 * @throws DirectiveError when it is written, if it contains a line break
 */
export function raw(text: string): Raw {
  return new Raw(text);
}

/**
 * Writes an empty assignment, and then `values`. The empty assignment clears the values set before, in the same or in
 * an earlier file. `reset([])` leaves an empty list: `CapabilityBoundingSet: reset([])` means no capabilities.
 */
export function reset<T>(values: readonly T[]): Reset<T> {
  return new Reset(values);
}

/** One value. `undefined` is not written. */
export type Value<T> = T | Raw | undefined;

/** One value or several. `undefined` and `[]` are not written. Use {@link reset} to clear a list. */
export type List<T> = T | Raw | readonly (T | Raw)[] | Reset<T | Raw> | undefined;

/** Names and values, in the given order. A name whose value is `undefined` is not written. */
export interface Variables {
  readonly [name: string]: string | Raw | undefined;
}
/** Variables, with the alternatives of {@link List}. */
export type VariableList = Variables | Raw | readonly (Variables | Raw)[] | Reset<Variables | Raw> | undefined;

/** A command: the program, then its arguments. Each element is one argument, whatever it contains. */
export type Argv = readonly (string | Raw)[];

/**
 * How systemd runs a command. `-` ignores its failure. `@` uses the second element as argv[0]. `:` expands no `$`. `+`
 * runs the command with full privileges. `!` and `!!` run it without changing the user. `|` (systemd 258) runs it in a
 * login shell.
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

/** A signal whose meaning the program defines, such as `SIGRTMIN+4`. @see signal(7) */
export type RealtimeSignal = `SIGRTMIN${'' | `+${number}`}` | `SIGRTMAX${'' | `-${number}`}`;

/** Bytes, or a number with a suffix of base 1024. `1GB` and `1e6` are not sizes. */
export type Size = number | `${number}` | `${number}${'B' | 'K' | 'M' | 'G' | 'T' | 'P' | 'E'}`;

/** A percentage. It may exceed 100 where the directive allows it. */
export type Percent = `${number}%`;

/** Seconds as a number, or a text such as `90s`, `5min` or `1h 30min`. @see systemd.time(7) */
export type Timespan = number | string;

/** Permissions, such as `0o755` or `'0755'`. */
export type Mode = number | `${number}`;

/** A soft and a hard limit (`'1024:4096'`), or one limit for both. `infinity` means no limit. */
export type ResourceLimit = Size | 'infinity' | `${string}:${string}`;

/** A duration in podman's form, such as `90s` or `1m30s`. */
export type GoDuration = `${number}${'ns' | 'us' | 'ms' | 's' | 'm' | 'h'}${string}`;

/** A size in podman's form: bytes, or a number with a suffix such as `m`, `mb` or `MiB`, always of base 1024. */
export type PodmanSize =
  | number
  | `${number}${'' | 'b' | 'B' | `${'k' | 'm' | 'g' | 'K' | 'M' | 'G'}${'' | 'b' | 'B' | 'ib' | 'iB'}`}`;

/** A known name, or any other text. */
export type Open<T extends string> = T | (string & {});

/** An entry, or its removal from the list: `CAP_CHOWN`, `~CAP_CHOWN`. */
export type Negatable<T extends string> = T | `~${T}`;

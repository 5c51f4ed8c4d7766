import { fail } from '../problem';
import { isRecord } from './directive-set';

const NAMES = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
] as const;

/** Name of a resource limit, in the words of ulimit: `nofile` is the number of open files. @see getrlimit(2) */
export type UlimitName = (typeof NAMES)[number];

/** A resource limit whose two numbers differ. -1 means no limit. */
export interface UlimitRange {
  /** Limit that the kernel enforces. A process can raise it up to `hard`. */
  readonly soft: number;
  /** Highest value of `soft`. */
  readonly hard: number;
}

/** Resource limits of a process. A number is both the soft and the hard limit, and -1 means no limit. */
export type Ulimits = { readonly [N in UlimitName]?: number | UlimitRange };

export interface Ulimit extends UlimitRange {
  readonly name: UlimitName;
}

const isLimit = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= -1;
const orMost = (limit: number) => (limit === -1 ? Number.POSITIVE_INFINITY : limit);

/** Parses a `ulimits` prop. @throws Error */
export function parseUlimits(ulimits: Ulimits = {}, at: string): Ulimit[] {
  return Object.entries(ulimits).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const name = NAMES.find((known) => known === key);
    if (!name)
      return fail({
        action: 'limit',
        value: key,
        problem: 'is not a resource limit',
        expected: `one of ${NAMES.join(', ')}`,
        at: `${at}.ulimits`,
      });
    const { soft, hard } = isRecord(value) ? value : { soft: value, hard: value };
    if (isLimit(soft) && isLimit(hard) && orMost(soft) <= orMost(hard)) return [{ name, soft, hard }];
    return fail({
      action: `limit ${name} to`,
      value,
      problem: 'is not a resource limit',
      expected: 'an integer such as 65536, -1 for no limit, or { soft: 1024, hard: 65536 } with soft up to hard',
      at: `${at}.ulimits.${name}`,
    });
  });
}

/** Keys of LXC, or of an engine on top of it, for a `ulimits` prop: `lxc.prlimit.nofile` with `1024:65536`. @throws Error */
export function lxcLimits(prefix: string, ulimits: Ulimits | undefined, at: string): Record<string, string> {
  const word = (limit: number) => (limit === -1 ? 'unlimited' : String(limit));
  return Object.fromEntries(
    parseUlimits(ulimits, at).map(({ name, soft, hard }) => [`${prefix}.${name}`, `${word(soft)}:${word(hard)}`]),
  );
}

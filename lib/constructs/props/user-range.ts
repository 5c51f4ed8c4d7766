import { createHash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { fail } from '../problem';

/** Number of users of a container. An image may use all 65536. */
export const RANGE_SIZE = 65_536;

/** Numbers of the host that ranges are taken from: the first number, and the first one after the last. */
export interface RangePool {
  readonly first: number;
  readonly beyond: number;
}

/** From the first number that systemd assigns to no machine, up to the numbers reserved for foreign file systems. */
const USUAL: RangePool = { first: 1_879_048_192, beyond: 2_147_352_576 };

const taken = new WeakMap<IConstruct, Set<number>>();

/**
 * The first of 65536 user and group numbers of the host that belong to one container. The range follows from the name
 * of the service. If another service of the host has that range, the next free range is used.
 * @see https://systemd.io/UIDS-GIDS/
 */
export function userRange(host: IConstruct, name: string, { first, beyond }: RangePool = USUAL): number {
  const used = taken.get(host) ?? new Set();
  taken.set(host, used);
  const ranges = Math.floor((beyond - first) / RANGE_SIZE);
  const numberOf = (range: number) => first + range * RANGE_SIZE;
  let range = createHash('sha256').update(name).digest().readUInt32BE() % ranges;
  for (let tried = 0; used.has(numberOf(range)) && tried < ranges; tried++) range = (range + 1) % ranges;
  used.add(numberOf(range));
  return numberOf(range);
}

/** Checks a range that the user chose. @throws Error */
export function checkRange(first: unknown, at: string): number {
  const isFree =
    Number.isSafeInteger(first) && Number(first) >= RANGE_SIZE && Number(first) <= 2 ** 32 - 2 * RANGE_SIZE;
  if (isFree) return Number(first);
  return fail({
    action: 'map users to',
    value: first,
    problem: 'is not the first number of a range',
    expected: `true, false, or a number of ${RANGE_SIZE} or more`,
    at,
  });
}

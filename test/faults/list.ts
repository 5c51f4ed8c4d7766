import fc from '../fast-check';
import type { Aim } from './rounds';

/**
 * The commands of an apply that come before it changes anything: the look, and what writes the records. A kill before
 * one of them leaves the host as it was, so that one kill of each is enough.
 */
const BEFORE_CHANGES = 2;

/** An apply that goes on from where another one was killed has so many commands more: it reloads systemd, and looks. */
const MORE_COMMANDS = 2;

/** A kill before each command of an apply. */
export function everyCommand(length: number): Aim[][] {
  return numbers(1, length).map((command) => [{ command }]);
}

/** A kill before each command, and then before each of the next apply, in all pairs. */
export function everyPair(length: number): Aim[][] {
  return numbers(BEFORE_CHANGES + 1, length).flatMap((first) =>
    numbers(BEFORE_CHANGES + 1, length + MORE_COMMANDS).map((second) => [{ command: first }, { command: second }]),
  );
}

/** Kills at random times. The same seed gives the same times. */
export function randomTimes(rounds: number, seed: number): Aim[][] {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  return fc.sample(share, { seed, numRuns: rounds }).map((each) => [{ share: each }]);
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** So many of them at most, chosen by the seed, in their order. */
export function someOf<T>(all: readonly T[], count: number, seed: number): T[] {
  if (count >= all.length) return [...all];
  const [chosen = []] = fc.sample(fc.shuffledSubarray([...all.keys()], { minLength: count, maxLength: count }), {
    seed,
    numRuns: 1,
  });
  return chosen.sort((one, other) => one - other).flatMap((index) => all.slice(index, index + 1));
}

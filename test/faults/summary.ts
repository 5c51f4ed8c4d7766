import type { Result } from './campaign';

/** How often something was killed before a step, and how often the next apply did not converge. */
export interface Count {
  readonly kills: number;
  readonly notConverged: number;
}

/** Counts by rendering, group of classes, and step. A round with two kills counts for both of its steps. */
export function countsOf(results: readonly Result[]): Map<string, Count> {
  const counts = new Map<string, Count>();
  for (const { rendering, group, kills, problem } of results) {
    for (const step of kills) {
      const key = `${rendering} ${group} ${step}`;
      const { kills: before, notConverged } = counts.get(key) ?? { kills: 0, notConverged: 0 };
      counts.set(key, { kills: before + 1, notConverged: notConverged + (problem ? 1 : 0) });
    }
  }
  return counts;
}

/** What a campaign comes to, for people: a line per step, and all that did not converge. */
export function renderSummary(results: readonly Result[]): string {
  const failed = results.filter(({ problem }) => problem);
  const lines = [...countsOf(results)].map(
    ([key, { kills, notConverged }]) => `${String(kills).padStart(5)} ${String(notConverged).padStart(5)}  ${key}`,
  );
  return [
    'kills  not converged, by rendering, classes and the step before which it was killed',
    ...lines,
    ...failed.map((result) => `\n${nameOf(result)}\n${result.problem}`),
    `\n${sumOf(results)}`,
  ].join('\n');
}

/** One line: how many rounds there were, and of how many the next apply did not converge. */
function sumOf(results: readonly Result[]): string {
  const kinds = ['no kill', 'one kill', 'two kills'].map((name, kills) => {
    const rounds = results.filter((result) => result.kills.length === kills);
    return rounds.length > 0 ? `${rounds.length} with ${name}` : [];
  });
  const failed = results.filter(({ problem }) => problem).length;
  return `${results.length} rounds (${kinds.flat().join(', ')}), ${failed} not converged`;
}

/** Which round it was: `bulkhead systemd, killed before 5: systemctl stop, then before 3: write files`. */
export function nameOf({ rendering, group, kills, next }: Result): string {
  const killed = kills.length > 0 ? `killed at ${kills.join(', then at ')}` : 'not killed';
  return `${rendering} ${group}, ${killed}${next === 'again' ? ', and done again' : ''}`;
}

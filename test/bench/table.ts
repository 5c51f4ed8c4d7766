import type { Benchmark, Goal } from './benchmarks';
import type { Measurement, Sample } from './measure';

/** The results as a table for people. */
export function renderTable(results: ReadonlyMap<Benchmark, Measurement>): string {
  const head = ['', 'ours', 'floor', 'ratio', 'goal', '', 'memory'];
  const rows = [...results].map(([{ name, goal }, measurement]) => {
    const { ours, floor } = measurement;
    const verdict = goal ? [wording(goal), reaches(measurement, goal) ? 'met' : 'missed'] : ['', ''];
    return [name, seconds(ours), seconds(floor), ratioOf(measurement).toFixed(2), ...verdict, memory(ours, floor)];
  });
  const table = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))))
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}

export function ratioOf({ ours, floor }: Measurement): number {
  return ours.seconds / floor.seconds;
}

function reaches(measurement: Measurement, goal: Goal): boolean {
  if ('ratio' in goal) return ratioOf(measurement) <= goal.ratio;
  return measurement.ours.seconds - measurement.floor.seconds <= goal.beside;
}

function wording(goal: Goal): string {
  return 'ratio' in goal ? `<= ${goal.ratio} x` : `<= floor + ${goal.beside} s`;
}

function seconds(sample: Sample): string {
  return `${sample.seconds.toFixed(3)} s`;
}

function memory(ours: Sample, floor: Sample): string {
  const sides = [ours, floor].map(({ memory }) => (memory === undefined ? '-' : `${Math.round(memory)} MB`));
  return sides.every((side) => side === '-') ? '' : sides.join(' : ');
}

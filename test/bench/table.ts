import type { Benchmark, Goal } from './benchmarks';
import type { Measurement, Sample } from './measure';

/** The results as a table for people. */
export function renderTable(results: ReadonlyMap<Benchmark, Measurement>): string {
  const head = ['', 'ours', 'floor', 'ratio', 'goal', '', 'memory'];
  const table = [head, ...[...results].map(([benchmark, measurement]) => cellsOf(benchmark, measurement))];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))))
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}

/** One result as a line, without the memory. */
export function renderResult(benchmark: Benchmark, measurement: Measurement): string {
  const [name, ours, floor, ratio, goal, verdict] = cellsOf(benchmark, measurement);
  return `${name}: ${ours}, floor ${floor}, ratio ${ratio}${goal ? `, goal ${goal} ${verdict}` : ''}`;
}

function cellsOf({ name, goal, unit }: Benchmark, measurement: Measurement): string[] {
  const { ours, floor } = measurement;
  const verdict = goal ? [wording(goal, unit), reaches(measurement, goal) ? 'met' : 'missed'] : ['', ''];
  const ratio = ratioOf(measurement).toFixed(2);
  return [name, amount(ours, unit), amount(floor, unit), ratio, ...verdict, memory(ours, floor)];
}

export function ratioOf({ ours, floor }: Measurement): number {
  return ours.amount / floor.amount;
}

function reaches(measurement: Measurement, goal: Goal): boolean {
  if ('ratio' in goal) return ratioOf(measurement) <= goal.ratio;
  if ('most' in goal) return measurement.ours.amount <= goal.most;
  return measurement.ours.amount - measurement.floor.amount <= goal.beside;
}

type Unit = Benchmark['unit'];

function wording(goal: Goal, unit: Unit): string {
  if ('ratio' in goal) return `<= ${goal.ratio} x`;
  const ofUnit = unit ? '' : ' s';
  return 'most' in goal ? `<= ${goal.most}${ofUnit}` : `<= floor + ${goal.beside}${ofUnit}`;
}

function amount(sample: Sample, unit: Unit): string {
  return unit ? `${sample.amount.toFixed(1)} RT` : `${sample.amount.toFixed(3)} s`;
}

function memory(ours: Sample, floor: Sample): string {
  const sides = [ours, floor].map(({ memory }) => (memory === undefined ? '-' : `${Math.round(memory)} MB`));
  return sides.every((side) => side === '-') ? '' : sides.join(' : ');
}

import { spawnSync } from 'node:child_process';
import { BENCHMARKS, type Benchmark } from './benchmarks';
import { Fleet } from './fleet';
import type { Measurement } from './measure';
import { ratioOf, renderResult, renderTable } from './table';

/**
 * Measures Bulkhead against what can't be beaten, or is to be beaten, both in the same run: `npm run bench` for all,
 * `npm run bench -- NAME...` for some, and with `--json` as one JSON object on standard output. `--help` says what each
 * name measures.
 */
async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) return console.log(BENCHMARKS.map(describe).join('\n'));
  const names = args.filter((arg) => arg !== '--json');
  const results = await measure(choose(names));
  if (!args.includes('--json')) return console.log(renderTable(results));
  const entries = [...results].map(([{ name }, measurement]) => {
    const { ours, floor } = measurement;
    return [name, { ours: ours.amount, floor: floor.amount, ratio: ratioOf(measurement) }];
  });
  console.log(JSON.stringify(Object.fromEntries(entries)));
}

function describe({ name, measures }: Benchmark): string {
  return `${name}\n    ${measures}`;
}

function choose(names: readonly string[]): readonly Benchmark[] {
  const known = BENCHMARKS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`Cannot measure "${unknown.join(' ')}": no such benchmark, expected ${known.join(', ')}`);
  return BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function measure(benchmarks: readonly Benchmark[]): Promise<Map<Benchmark, Measurement>> {
  const results = new Map<Benchmark, Measurement>();
  let started: Promise<Fleet> | undefined;
  const fleet = () => {
    started ??= Fleet.start((message) => tell(`  ${message}`));
    return started;
  };
  // The program that runs gets the signal too and fails, and so does the benchmark; the host is removed on the way out.
  process.once('SIGINT', () => tell('interrupted'));
  try {
    for (const benchmark of benchmarks) {
      const obstacle = obstacleOf(benchmark);
      tell(obstacle ? `${benchmark.name}: skipped, ${obstacle}` : benchmark.name);
      if (obstacle) continue;
      const measurement = await benchmark.run(fleet);
      results.set(benchmark, measurement);
      // Whoever stops the run has at least what was measured until then.
      tell(`  ${renderResult(benchmark, measurement)}`);
    }
  } finally {
    await started?.then((it) => it.stop());
  }
  return results;
}

/** Why a benchmark can't run here, if so. */
function obstacleOf({ onHost, terraform }: Benchmark): string | undefined {
  if (onHost && process.platform !== 'linux') return 'it needs Linux';
  if (onHost && process.getuid?.() !== 0) return 'its practice host needs root';
  if (terraform && spawnSync('terraform', ['version']).error) return 'there is no terraform in PATH';
  return undefined;
}

function tell(message: string): void {
  process.stderr.write(`${message}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave, type Measurement, type Sample, timeNode } from './measure';

/**
 * Synthesizes so many services, and as many containers with cdktf's own generated bindings of the docker provider. Each
 * in a fresh process, over what the synthesis before it left, as one does all day.
 */
export function synth(count: number, rounds: number): Promise<Measurement> {
  return withDirectory(async (directory) => {
    const ours = () => synthesize('services', count, join(directory, 'services'));
    const floor = () => synthesize('containers', count, join(directory, 'containers'));
    await ours();
    await floor();
    return interleave(rounds, ours, floor);
  });
}

/** The same into an empty directory: all files are new. */
export function firstSynth(count: number, rounds: number): Promise<Measurement> {
  return withDirectory((directory) => {
    const fresh = (program: 'services' | 'containers') => (round: number) =>
      synthesize(program, count, join(directory, `${program}-${round}`));
    return interleave(rounds, fresh('services'), fresh('containers'));
  });
}

/** How the time grows when the number of services doubles: `ours` is twice as many as `floor`. */
export function synthGrowth(count: number, rounds: number): Promise<Measurement> {
  return withDirectory(async (directory) => {
    const side = (number: number) => () => synthesize('services', number, join(directory, String(number)));
    await side(count)();
    await side(count / 2)();
    return interleave(rounds, side(count), side(count / 2));
  });
}

/** The same as `bulkhead plan` synthesizes it, which writes nothing for Terraform. */
export function synthBundles(count: number, rounds: number): Promise<Measurement> {
  return withDirectory(async (directory) => {
    const ours = () => synthesize('services', count, join(directory, 'services'), 'bundles');
    const floor = () => synthesize('containers', count, join(directory, 'containers'));
    await ours();
    await floor();
    return interleave(rounds, ours, floor);
  });
}

/** Services that depend on others, and as many that depend on none. */
export function synthDependencies(kind: 'chain' | 'group', count: number, rounds: number): Promise<Measurement> {
  return withDirectory(async (directory) => {
    const side = (dependencies: string) => () =>
      synthesize('services', count, join(directory, dependencies), dependencies);
    await side(kind)();
    await side('alone')();
    return interleave(rounds, side(kind), side('alone'));
  });
}

function synthesize(
  program: 'services' | 'containers',
  count: number,
  directory: string,
  ...more: readonly string[]
): Promise<Sample> {
  return timeNode([join(__dirname, `synth-${program}.cjs`), String(count), directory, ...more]);
}

async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  if (!existsSync(join(__dirname, '../../dist/index.js')))
    throw new Error('Cannot measure "dist": it is not there, expected npm run build first');
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** What one side of a benchmark took: seconds, or what its benchmark counts. */
export interface Sample {
  readonly amount: number;
  /** Peak resident memory in MB; undefined where it is not known. */
  readonly memory?: number | undefined;
}

/** Medians over some rounds. */
export interface Measurement {
  readonly ours: Sample;
  readonly floor: Sample;
}

type Side = (round: number) => Promise<Sample>;

/** Runs both sides in turns, so that a machine that is busy for a while slows both, and takes the medians. */
export async function interleave(rounds: number, ours: Side, floor: Side): Promise<Measurement> {
  const samples: { ours: Sample[]; floor: Sample[] } = { ours: [], floor: [] };
  for (let round = 0; round < rounds; round++) {
    samples.ours.push(await ours(round));
    samples.floor.push(await floor(round));
  }
  return { ours: medianOf(samples.ours), floor: medianOf(samples.floor) };
}

/** Runs one side alone. */
export async function repeat(rounds: number, side: Side): Promise<Sample> {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round++) samples.push(await side(round));
  return medianOf(samples);
}

function medianOf(samples: readonly Sample[]): Sample {
  const memory = samples.flatMap((sample) => sample.memory ?? []);
  return {
    amount: median(samples.map(({ amount }) => amount)),
    ...(memory.length > 0 && { memory: median(memory) }),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Readable;
  /** @default [0] */
  readonly exitCodes?: readonly number[];
}

/** Runs a program to its end. @throws Error when it fails, with what it said */
export async function time(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<Sample> {
  const [program, ...args] = argv;
  const start = performance.now();
  const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  child.stdin.on('error', () => {});
  Readable.from(options.input ?? []).pipe(child.stdin);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const exitCode = await ended;
  const seconds = (performance.now() - start) / 1000;
  const [stdout, stderr] = await output;
  if (!(options.exitCodes ?? [0]).includes(exitCode ?? -1))
    throw new Error(`Cannot measure "${argv.join(' ')}": it ended with exit code ${exitCode}\n${stdout}\n${stderr}`);
  const memory = new RegExp(`^${MEMORY_MARK}(\\d+)$`, 'm').exec(stderr)?.[1];
  return { amount: seconds, memory: memory === undefined ? undefined : Number(memory) / 1024 };
}

const MEMORY_MARK = 'peak-memory-kB=';

/** The same of a node program, with its peak memory. */
export function timeNode(args: readonly string[], options: RunOptions = {}): Promise<Sample> {
  return time([process.execPath, '--require', join(__dirname, 'report-memory.cjs'), ...args], options);
}

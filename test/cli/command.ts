import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

export const root = join(__dirname, '..', '..');

/** A directory of this test file. */
export const scratch = mkdtempSync(join(tmpdir(), 'bulkhead-cli-'));

export const main = join(scratch, 'package', 'dist', 'cli', 'main.js');

// The command as it is now, whether or not dist/ is.
beforeAll(() => {
  const esbuild = join(root, 'node_modules', '.bin', 'esbuild');
  const source = join(root, 'lib', 'cli', 'main.ts');
  execFileSync(esbuild, [source, '--bundle', '--platform=node', '--log-level=error', `--outfile=${main}`]);
  copyFileSync(join(root, 'package.json'), join(scratch, 'package', 'package.json'));
  const lab = join(scratch, 'package', 'dist', 'lab');
  mkdirSync(lab);
  copyFileSync(join(root, 'lib', 'lab', 'init.sh'), join(lab, 'init.sh'));
});

afterAll(() => rmSync(scratch, { recursive: true }));

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the command as a user does who is not at a terminal. */
export function start(args: readonly string[], { cwd = scratch, env }: Surroundings = {}) {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, ...env } });
  child.stdin.end();
  return { child: child as ChildProcess, finished: finish(child) };
}

export function bulkhead(args: readonly string[], surroundings?: Surroundings): Promise<Finished> {
  return start(args, surroundings).finished;
}

async function finish(child: ReturnType<typeof spawn>): Promise<Finished> {
  const output = (stream: typeof child.stdout) => (stream ? text(stream) : '');
  const closed = once(child, 'close');
  const [stdout, stderr, [code]] = await Promise.all([output(child.stdout), output(child.stderr), closed]);
  return { stdout, stderr, code };
}

let count = 0;

/** A new directory with these files; what is no text is written as JSON. */
export function directory(files: Readonly<Record<string, unknown>>): string {
  const path = join(scratch, `case-${++count}`);
  mkdirSync(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return path;
}

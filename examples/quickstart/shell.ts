import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { styleText } from 'node:util';

export const root = join(__dirname, '..', '..');

const color = process.stdout.isTTY && process.stdout.hasColors();
const style = (how: 'bold' | 'dim' | 'cyan', text: string) => (color ? styleText(how, text) : text);

export function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

let steps = 0;
export function heading(text: string): void {
  say('', style('bold', `${++steps}. ${text}`));
}

export interface RunOptions {
  /** Exit codes that are no failure. */
  readonly expect?: readonly number[];
  /** What of the output to show, line by line. Without it the command writes to the terminal itself. */
  readonly show?: (line: string) => boolean;
}

/**
 * Shows a command, runs it and returns its exit code.
 * @throws Error with all that it printed when it fails
 */
export async function run(shown: string, argv: readonly string[], options: RunOptions = {}): Promise<number> {
  const { expect = [0], show } = options;
  say(style('cyan', `$ ${shown}`));
  const [program = '', ...args] = argv;
  const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
  const child = spawn(program, args, {
    cwd: root,
    env,
    stdio: ['inherit', show ? 'pipe' : 'inherit', show ? 'pipe' : 'inherit'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const before = output.lastIndexOf('\n') + 1;
      output += plain(chunk);
      const lines = output.slice(before).split('\n').slice(0, -1);
      for (const line of lines) if (show?.(line)) say(`  ${line}`);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === null || !expect.includes(code)) throw new Error(`Cannot run "${shown}": exit code ${code}\n${output}`);
  return code;
}

/** Runs a command out of sight. Returns what it printed, or undefined when it can't be run or fails. */
export async function tryQuietly(argv: readonly string[]): Promise<string | undefined> {
  const [program = '', ...args] = argv;
  const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  return once(child, 'close').then(
    ([code]) => (code === 0 ? output : undefined),
    () => undefined,
  );
}

/** Without the codes that move the cursor and set colours. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '');
}

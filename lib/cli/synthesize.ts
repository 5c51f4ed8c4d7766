import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bundlesOnly } from '../rendering/bundles-only';
import { CommandError } from './errors';
import { bundlesBefore, type FormerHost, removeFormerBundles } from './former-hosts';

/** What one run of the user's program put out. */
export interface Synthesized {
  readonly directory: string;
  /** Names of its stacks. */
  readonly stacks: readonly string[];
  /** Hosts that the program no longer has. */
  readonly formerHosts: readonly FormerHost[];
}

interface ProjectConfig {
  readonly app?: string;
  readonly output?: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/**
 * Runs the `app` command of the cdktf.json in a directory, the way cdktf does, for its bundles alone.
 * @throws CommandError with the program's own words when it fails
 */
export async function synthesize(directory: string, signal: AbortSignal): Promise<Synthesized> {
  const config = await readConfig(directory);
  if (!config.app)
    throw new CommandError(`Cannot synthesize: "app" is missing in ${join(directory, 'cdktf.json')}`, {
      advice: 'set it to the command that runs your program, such as "npx tsx main.ts"',
    });
  const output = config.output ?? 'cdktf.out';
  const env = { ...process.env, ...bundlesOnly, CDKTF_OUTDIR: output, ...contextVariable(config) };
  const target = join(directory, output);
  const before = bundlesBefore(target);
  await run(config.app, directory, env, signal);
  const stacks = await readStacks(target, config.app);
  return { directory: target, stacks, formerHosts: removeFormerBundles(target, before) };
}

async function readConfig(directory: string): Promise<ProjectConfig> {
  const path = join(directory, 'cdktf.json');
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch {
    throw new CommandError(`Cannot synthesize: there is no cdktf.json in ${directory}`, {
      advice: 'change to the directory of your project, or create one: bulkhead init DIR',
    });
  }
  try {
    return JSON.parse(content) as ProjectConfig;
  } catch (error) {
    throw new CommandError(`Cannot parse "${path}": ${(error as Error).message}`, { advice: 'correct it there' });
  }
}

/** The environment wins over the file, as it does for cdktf. */
function contextVariable({ context = {} }: ProjectConfig): Record<string, string> {
  return { CDKTF_CONTEXT_JSON: JSON.stringify({ ...context, ...givenContext() }) };
}

function givenContext(): Record<string, unknown> {
  try {
    return JSON.parse(process.env.CDKTF_CONTEXT_JSON ?? '{}') as Record<string, unknown>;
  } catch (error) {
    throw new CommandError(`Cannot parse the environment variable CDKTF_CONTEXT_JSON: ${(error as Error).message}`, {
      advice: 'unset CDKTF_CONTEXT_JSON, or set it to a JSON object',
    });
  }
}

async function run(app: string, cwd: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  // A command line for the shell by definition: the user wrote it as one.
  const child = spawn(app, { cwd, env, signal, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [stdout, stderr, [code, killed]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  if (code === 0) {
    process.stderr.write(stderr);
    return;
  }
  throw new CommandError(`Cannot synthesize: "${app}" failed with ${killed ?? `exit code ${code}`}`, {
    detail: relevant(`${stdout.trimEnd()}\n${stderr.trimEnd()}`.trim()),
    ...(isInstalled(cwd) ? {} : { advice: 'npm install' }),
  });
}

/** False where npm has not installed what the package.json names. */
function isInstalled(directory: string): boolean {
  return !existsSync(join(directory, 'package.json')) || existsSync(join(directory, 'node_modules'));
}

/** What the user's program says, without what node, npm and the frames of others add to it. */
function relevant(output: string): string {
  return output
    .replace(/^\S+:\d+\n(?:.*\n)*?\s*\^+\n+(?=\w*Error\b)/m, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !NOISE.some((pattern) => pattern.test(line)))
    .map((line) => `  ${line}`)
    .join('\n');
}

const NOISE = [
  /^\s+at (?:.*[( ])?(?:node:|.*\/node_modules\/)/,
  /^\s+at .*\(<anonymous>\)$/,
  /^Node\.js v\d/,
  /^npm (?:warn|notice)\b/,
];

async function readStacks(directory: string, app: string): Promise<string[]> {
  const manifest = await readFile(join(directory, 'manifest.json'), 'utf8').catch(() => undefined);
  if (manifest === undefined)
    throw new CommandError(`Cannot synthesize: "${app}" has not written ${join(directory, 'manifest.json')}`, {
      advice: 'end your program with app.synth()',
    });
  return Object.keys((JSON.parse(manifest) as { stacks: object }).stacks);
}

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ASSETS, type Bundle, INDEX } from '../rendering/bundle-format';
import { readBundle } from '../rendering/read-bundle';
import { CommandError } from './errors';
import { formerHostLines } from './former-hosts';
import { checkSshOptions } from './ssh-options';
import { synthesize } from './synthesize';

/** What to work on, as the user named it. */
export interface BundleRequest {
  /** Names of stacks, `*` stands for any characters. None: the only one there is. */
  readonly stacks: readonly string[];
  /** A bundle, or a directory of bundles. Not given: what the program of this directory synthesizes. */
  readonly bundle?: string | undefined;
  /** Whether the options of ssh in a given bundle may run programs here. @default false */
  readonly trustSshOptions?: boolean | undefined;
  /** Whether what a given bundle names as sources of secrets may be read and run here. @default false */
  readonly trustSecrets?: boolean | undefined;
  /** Told, line by line, what the user should know about hosts that the program no longer has. */
  readonly warn?: (...lines: readonly string[]) => void;
  /** Makes of the bundles what the command is about. */
  readonly select?: (bundles: readonly LoadedBundle[]) => LoadedBundle[];
}

export interface LoadedBundle extends Bundle {
  /** Where the asset of that digest lies. */
  readonly asset: (sha256: string) => string;
  /** All bundles that it lies beside, itself included. */
  readonly others: readonly Pick<Bundle, 'stack' | 'dependencies'>[];
}

/**
 * Finds the bundles of the stacks that the user named, after synthesizing them unless a bundle is given.
 * @throws CommandError when a stack is not there, can't be chosen, or its bundle is not usable without Terraform
 */
export async function loadBundles(request: BundleRequest, signal: AbortSignal): Promise<LoadedBundle[]> {
  const directories = request.bundle
    ? await bundlesIn(resolve(request.bundle))
    : await synthesizedBundles(request, signal);
  const found = directories.map(load);
  const bundles = found.map((bundle) => ({ ...bundle, others: found }));
  const names = choose(
    bundles.map(({ stack }) => stack),
    request.stacks,
  );
  const chosen = bundles.filter(({ stack }) => names.has(stack));
  for (const { stack, refused = [] } of chosen) {
    if (refused.length > 0)
      throw new CommandError(`Cannot use the bundle of stack "${stack}": it is incomplete`, {
        detail: refused.map(({ path, message }) => `  ${path}: ${message}`).join('\n'),
        advice: `run "cdktf deploy ${stack}" instead, or give these services values that are known at synthesis`,
      });
  }
  if (request.bundle && !request.trustSshOptions) checkSshOptions(chosen);
  return request.select?.(chosen) ?? chosen;
}

function load(directory: string): Omit<LoadedBundle, 'others'> {
  try {
    return { ...readBundle(directory), asset: (sha256) => join(directory, ASSETS, sha256) };
  } catch (error) {
    throw new CommandError(`Cannot read the bundle in "${directory}": ${(error as Error).message}`, {
      advice: 'synthesize again, or restore all of its files from a backup',
    });
  }
}

async function synthesizedBundles({ warn }: BundleRequest, signal: AbortSignal): Promise<string[]> {
  const { directory, stacks, formerHosts } = await synthesize(process.cwd(), signal);
  const lines = formerHostLines(formerHosts, directory);
  const found = stacks.map((stack) => join(directory, 'bundle', stack)).filter(isBundle);
  if (found.length > 0) {
    warn?.(...lines);
    return found;
  }
  throw new CommandError('Cannot find anything to apply: no stack of the program has a Host', {
    ...(lines.length > 0 && { detail: lines.map((line) => `  ${line.trim()}`).join('\n') }),
    advice: "create one in a stack: new Host(stack, 'host', { address: 'ssh://root@192.0.2.10' })",
  });
}

async function bundlesIn(directory: string): Promise<string[]> {
  if (isBundle(directory)) return [directory];
  const entries = await readdir(directory).catch(() => []);
  const found = entries.map((entry) => join(directory, entry)).filter(isBundle);
  if (found.length > 0) return found.sort();
  throw new CommandError(`Cannot find a bundle in "${directory}": no ${INDEX} in it or one level below`, {
    advice: 'name a directory such as cdktf.out/bundle',
  });
}

function isBundle(directory: string): boolean {
  return existsSync(join(directory, INDEX));
}

/**
 * The stacks that patterns stand for.
 * @throws CommandError when a pattern finds none, or there is no pattern and more than one stack
 */
export function choose(stacks: readonly string[], patterns: readonly string[]): Set<string> {
  const known = `expected ${stacks.length > 1 ? 'one of ' : ''}${stacks.join(', ')}`;
  if (patterns.length === 0 && stacks.length > 1)
    throw new CommandError(`Cannot choose a stack: there is more than one, ${known}`, {
      advice: "name one or more stacks, or '*' for all",
    });
  if (patterns.length === 0) return new Set(stacks);
  const chosen = patterns.flatMap((pattern) => {
    const found = stacks.filter((stack) => matches(pattern, stack));
    if (found.length === 0) throw new CommandError(`Cannot find stack "${pattern}": ${known}`);
    return found;
  });
  return new Set(chosen);
}

/** Whether a pattern, in which `*` stands for any characters, is that of a text. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

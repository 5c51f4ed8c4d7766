import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FilePart } from '../../manifest/index';
import { fail } from '../problem';
import { type Asset, assetOf } from './assets';
import { isNormal } from './normal-form';

/** A file of a directory on this machine. */
export interface SourceFile {
  /** Path below the directory. */
  readonly path: string;
  /** Like git, of its permissions only whether it is a program: the others depend on who checked it out. */
  readonly mode: '0755' | '0644';
  readonly asset: Asset;
  /** What it says, for a small one that is text. */
  readonly text: string | undefined;
}

/** Each file goes along with its manifest up to this size, */
const INLINE_LIMIT = 64 * 1024;
/** and those of a directory up to this one. */
const INLINE_TOTAL = 256 * 1024;

/** Content of a file that is small and text; undefined for another, which is to travel as an asset. */
export function smallText(path: string): string | undefined {
  if (statSync(path).size > INLINE_LIMIT) return undefined;
  const bytes = readFileSync(path);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) && !text.includes('\0') && isNormal(text) ? text : undefined;
}

/** What is in a directory of this machine. */
export interface SourceDirectory {
  /** All files below it, by their paths. */
  readonly files: readonly SourceFile[];
  /** Directories below it that are empty. */
  readonly empty: readonly string[];
}

/**
 * Reads a directory with all that is below it.
 * @param most How many files it may have.
 * @throws Error for what could not be the same on a host: links, devices, names that are no text
 */
export function readDirectory(directory: string, action: string, most: number, at: string): SourceDirectory {
  const reject = (problem: string) =>
    fail({ action, value: directory, problem, expected: 'a directory of files on this machine', at });
  if (typeof directory !== 'string' || !statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    return reject('is no directory');
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name).slice(join(directory, '/').length);
    if (!entry.isFile() && !entry.isDirectory()) reject(`${path} is a link or no plain file`);
    // What node can't read as UTF-8 it replaces by this character.
    if (/[\0\n\ufffd]/.test(path)) reject(`${JSON.stringify(path)} is no name for a file on the host`);
    return { path, isFile: entry.isFile() };
  });
  const paths = entries.filter(({ isFile }) => isFile).map(({ path }) => path);
  if (paths.length > most) return reject(`has ${paths.length} files, the most is ${most}`);
  const parents = new Set(entries.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/')))));
  return {
    files: paths.sort().map((path) => readSource(join(directory, path), path, action, at)),
    empty: entries.filter(({ path, isFile }) => !isFile && !parents.has(path)).map(({ path }) => path),
  };
}

function readSource(file: string, path: string, action: string, at: string): SourceFile {
  const asset = assetOf(file, action, at);
  return { path, mode: statSync(file).mode & 0o111 ? '0755' : '0644', asset, text: smallText(file) };
}

/** What travels for the files of a directory. */
export interface SourceParts {
  /** By their paths below the directory on the host. */
  readonly files: Readonly<Record<string, FilePart>>;
  readonly assets: readonly Asset[];
}

/** Puts the files of a directory into one on the host: small texts inline, if they are not too many. */
export function filesUnder(
  target: string,
  files: readonly SourceFile[],
  rest: Pick<FilePart, 'owner' | 'group'> = { owner: 'root', group: 'root' },
): SourceParts {
  const total = files.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
  const isInline = ({ text }: SourceFile) => text !== undefined && total <= INLINE_TOTAL;
  const part = (file: SourceFile): FilePart => ({
    ...(isInline(file) ? { content: file.text ?? '' } : { asset: file.asset.digest }),
    mode: file.mode,
    ...rest,
  });
  return {
    files: Object.fromEntries(files.map((file) => [`${target}/${file.path}`, part(file)])),
    assets: files.filter((file) => !isInline(file)).map(({ asset }) => asset),
  };
}

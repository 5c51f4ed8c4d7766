import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FilePart } from '../../manifest/index';
import { fail } from '../problem';
import { type Asset, assetOf } from './assets';
import { isNormal } from './normal-form';

/** A file of a directory on this machine. */
export interface SourceFile {
  /** Path relative to the directory. */
  readonly path: string;
  /** Like git, keeps only whether the file is executable. Other permissions depend on who checked the file out. */
  readonly mode: '0755' | '0644';
  readonly asset: Asset;
  /** Content of a small text file. Undefined for any other file. */
  readonly text: string | undefined;
}

/** Largest text file, in bytes, that the manifest contains. */
const INLINE_LIMIT = 64 * 1024;
/** Most bytes of a directory's text files that the manifest contains. */
const INLINE_TOTAL = 256 * 1024;

/** Content of a small text file. Undefined for any other file, which is sent as an asset. */
export function smallText(path: string): string | undefined {
  if (statSync(path).size > INLINE_LIMIT) return undefined;
  const bytes = readFileSync(path);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) && !text.includes('\0') && isNormal(text) ? text : undefined;
}

/** The content of a directory on this machine. */
export interface SourceDirectory {
  /** All files below the directory, sorted by path. */
  readonly files: readonly SourceFile[];
  /** Empty directories below it. */
  readonly empty: readonly string[];
}

/**
 * Reads a directory and everything below it.
 * @param most Most files that it may have.
 * @throws Error for anything that can't be the same on a host: links, devices, and names that are not text
 */
export function readDirectory(directory: string, action: string, most: number, at: string): SourceDirectory {
  const reject = (problem: string) =>
    fail({ action, value: directory, problem, expected: 'a directory of files on this machine', at });
  if (typeof directory !== 'string' || !statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    return reject('is not a directory');
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name).slice(join(directory, '/').length);
    if (!entry.isFile() && !entry.isDirectory()) reject(`${path} is a link, or not a regular file`);
    // What node can't read as UTF-8 it replaces by this character.
    if (/[\0\n\ufffd]/.test(path)) reject(`${JSON.stringify(path)} can't be the name of a file on the host`);
    return { path, isFile: entry.isFile() };
  });
  const paths = entries.filter(({ isFile }) => isFile).map(({ path }) => path);
  if (paths.length > most) return reject(`has ${paths.length} files, and ${most} is the maximum`);
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

/** Files of a directory for a manifest. */
export interface SourceParts {
  /** Files by their path on the host. */
  readonly files: Readonly<Record<string, FilePart>>;
  readonly assets: readonly Asset[];
}

/**
 * Places files of this machine in a directory on the host. Small texts are inlined, unless they exceed the total limit.
 */
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

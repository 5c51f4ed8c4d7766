import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Blob } from '../archives/blob';
import { ArchiveError } from '../archives/error';
import { type ListedEntry, listTar, readAt } from '../archives/list-tar';
import { MAX_ENTRIES } from '../archives/root-tree';
import { cached, imageCache } from './cache';
import { withPlainFile } from './plain-file';

/** Files with the users and groups of a root. Undefined when the root does not have the file. */
export interface AccountFiles {
  readonly passwd?: string;
  readonly group?: string;
}

/** The layers of a root, the lowest first. */
export interface Layers {
  readonly file: string;
  /** Digest of all layers together. */
  readonly digest: string;
  readonly layers: readonly Blob[];
}

const FILES = ['passwd', 'group'] as const;
const LARGEST = 1 << 20;
const CHUNK = 1 << 20;

/**
 * The files of users and groups of a root whose layers are in a file on this machine. Finding them takes about as long
 * as decompressing the root. The result is kept in the cache.
 * @throws ArchiveError for damaged layers
 */
export function accountFiles({ file, digest, layers }: Layers): AccountFiles {
  const name = `accounts-${digest}.json`;
  const there = join(imageCache(), name);
  if (existsSync(there)) return JSON.parse(readFileSync(there, 'utf8')) as AccountFiles;
  const found: { -readonly [K in keyof AccountFiles]: AccountFiles[K] } = {};
  const hidden = new Set<string>();
  for (const layer of [...layers].reverse()) {
    if (FILES.every((key) => key in found || hidden.has(key))) break;
    inLayer(file, layer, (descriptor, entries) => {
      for (const key of FILES) {
        if (key in found || hidden.has(key)) continue;
        const entry = entries.get(`etc/${key}`);
        if (entry?.type === 'file' && entry.size <= LARGEST)
          found[key] = (readAt(descriptor, entry.offset, entry.size) ?? Buffer.alloc(0)).toString('latin1');
        if (entry || removals(key).some((path) => entries.has(path))) hidden.add(key);
      }
    });
  }
  cached(name, (path) => writeFileSync(path, JSON.stringify(found), { flag: 'wx', mode: 0o600 }));
  return found;
}

/** @see https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts */
const removals = (key: string) => [`etc/.wh.${key}`, 'etc/.wh..wh..opq', '.wh.etc', '.wh..wh..opq'];

type Use = (descriptor: number, entries: ReadonlyMap<string, ListedEntry>) => void;

function inLayer(file: string, { offset, size, digest, entry }: Blob, use: Use): void {
  const copy = join(imageCache(), `layer.${process.pid}`);
  const source = openSync(file, 'r');
  const target = openSync(copy, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    for (let done = 0; done < size; done += CHUNK) {
      const chunk = readAt(source, offset + done, Math.min(CHUNK, size - done)) ?? Buffer.alloc(0);
      hash.update(chunk);
      writeSync(target, chunk);
    }
    const actual = hash.digest('hex');
    if (actual !== digest)
      throw new ArchiveError({ file, entry, problem: `has the digest sha256:${actual}`, expected: `sha256:${digest}` });
    withPlainFile(copy, (descriptor) => {
      const listed = listTar(descriptor, file, { most: MAX_ENTRIES, mayLackEnd: true });
      use(descriptor, new Map(listed.map((each) => [each.path.replace(/^(?:\.?\/)+|\/$/g, ''), each])));
    });
  } finally {
    closeSync(source);
    closeSync(target);
    rmSync(copy, { force: true });
  }
}

import { type Blob, readSmallBlob } from './blob';
import { ArchiveError } from './error';
import { type ListedEntry, readAt } from './list-tar';

/** Largest size of an index, manifest or configuration, which usually have some kilobytes. */
const MAX_TEXT = 8 << 20;

/** Names of the entries in one archive format. */
export interface EntryNames {
  readonly files: RegExp;
  readonly directories: RegExp;
  /** Links from a layer to an identical layer. */
  readonly links?: RegExp;
  readonly expected: string;
}

/** Entries of an image archive, by path. Only expected entries are accepted. */
export class ImageEntries {
  private readonly entries = new Map<string, ListedEntry>();

  constructor(
    readonly file: string,
    private readonly descriptor: number,
    listed: readonly ListedEntry[],
  ) {
    for (const entry of listed) {
      const path = plain(entry.path);
      const there = this.entries.get(path);
      if (there && (there.type !== 'directory' || entry.type !== 'directory'))
        throw this.error(path, 'is there twice', 'one entry for each path');
      this.entries.set(path, entry);
    }
  }

  has(path: string): boolean {
    return this.entries.has(path);
  }

  /** @throws ArchiveError for an entry that the archive format does not have */
  check({ files, directories, links, expected }: EntryNames): void {
    for (const [path, { type }] of this.entries) {
      const known =
        (type === 'file' && files.test(path)) ||
        (type === 'directory' && directories.test(path)) ||
        (type === 'symlink' && links?.test(path));
      if (!known) throw this.error(path, `is a ${type} that does not belong there`, expected);
    }
  }

  /** The entry of a file. A link to another entry is followed once. */
  private find(path: string): ListedEntry {
    const there = this.entries.get(path);
    const target = there?.type === 'symlink' ? /^\.\.\/([^/]+(?:\/[^/]+)?)$/.exec(there.target)?.[1] : undefined;
    const found = target === undefined ? there : this.entries.get(target);
    if (found?.type !== 'file') throw this.error(path, 'is missing', 'a complete archive of an image');
    return found;
  }

  /** A file with a known digest. @throws ArchiveError when it is missing or has another size */
  blob(path: string, digest: string, size?: number): Blob {
    const found = this.find(path);
    if (size !== undefined && found.size !== size)
      throw this.error(path, `has ${found.size} bytes`, `${size}, as its descriptor says`);
    return { digest, size: found.size, offset: found.offset, entry: path };
  }

  /** Content of a text blob. @throws ArchiveError when the digest is wrong */
  content(blob: Blob): Buffer {
    this.checkSize(blob.entry, blob.size);
    return readSmallBlob(this.descriptor, this.file, blob);
  }

  /** Content of a file without a known digest. */
  text(path: string): Buffer {
    const { size, offset } = this.find(path);
    this.checkSize(path, size);
    return readAt(this.descriptor, offset, size) ?? Buffer.alloc(0);
  }

  /** A text as JSON. @throws ArchiveError when it is not a JSON object or list */
  json(path: string, content: Buffer): Readonly<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(content.toString());
      if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
    } catch {}
    throw this.error(path, 'is not valid', 'an object in JSON');
  }

  error(entry: string | undefined, problem: string, expected: string): ArchiveError {
    return new ArchiveError({ file: this.file, entry, problem, expected });
  }

  private checkSize(path: string, size: number): void {
    if (size > MAX_TEXT) throw this.error(path, `has ${size} bytes`, `at most ${MAX_TEXT}`);
  }
}

function plain(path: string): string {
  return path.replace(/^(?:\.\/)+/, '').replace(/\/$/, '') || '.';
}

/** The values of a list of objects. Undefined for anything else. */
export function objects(value: unknown): readonly Readonly<Record<string, unknown>>[] | undefined {
  const fits = Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
  return fits ? value : undefined;
}

/** A list of texts. Undefined for anything else. */
export function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** The digest in a text such as `sha256:2f1c...`, in hex. Undefined for anything else. */
export function digestIn(value: unknown): string | undefined {
  return typeof value === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(value)?.[1] : undefined;
}

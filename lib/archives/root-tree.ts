import { ArchiveError } from './error';
import { NO_ENTRY, type Place, Placements, split } from './placements';
import type { TarEntry } from './tar-header';

/** Largest number of entries, more than any system has. The tree is kept in memory. */
export const MAX_ENTRIES = 1_000_000;
const MAX_PATH = 4096;
const MAX_NAME = 255;
/** Largest number of symbolic links in one path, as in Linux. */
const MAX_LINKS = 40;

interface Directory extends Place {
  readonly parent: Directory | undefined;
  readonly children: Map<string, Place>;
}

/** Whether a path of these names reaches the directory without a link. */
function isAt(directory: Directory, names: readonly string[]): boolean {
  let at: Place | undefined = directory;
  for (let index = names.length - 1; index >= 0; index--) {
    if (at?.name !== names[index]) return false;
    at = at?.parent;
  }
  return at !== undefined && at.parent === undefined;
}

function isDirectory(place: Place | undefined): place is Directory {
  return place?.children !== undefined;
}

/**
 * The root file system of layers that lie over each other. Paths are resolved inside the root: no entry leaves it, and
 * no path of the result contains a symbolic link.
 */
export class RootTree {
  private readonly root = newDirectory('', undefined, NO_ENTRY, 0);
  private readonly elsewhere = new Set<number>();
  private count = 0;
  private layer = 0;
  private file = '';

  /** @param layered whether names that begin with `.wh.` delete files of lower layers */
  constructor(private readonly layered: boolean) {}

  /** Begins the next layer. @param file name of the layer in errors */
  begin(file: string): void {
    this.file = file;
    this.layer += 1;
  }

  /** Adds the next entry of the layer. @throws ArchiveError for an entry without a place below a root */
  add(entry: TarEntry): void {
    const number = this.count++;
    if (number >= MAX_ENTRIES) throw this.error(undefined, `has more than ${MAX_ENTRIES} entries`, 'fewer');
    const names = this.namesOf(entry.path, entry.path);
    const name = names.pop();
    if (entry.type === 'device') {
      // Each machine has its own /dev.
      if (names[0] === 'dev') return;
      throw this.error(entry.path, 'is a device', 'devices only in /dev, where they are left out');
    }
    if (name === undefined) {
      if (entry.type !== 'directory') throw this.error(entry.path, `is a ${entry.type}`, 'a directory as the root');
      this.root.entry = number;
      return;
    }
    const parent = this.directoryAt(names, entry.path, true);
    if (!isAt(parent, names)) this.elsewhere.add(number);
    if (this.layered && name.startsWith('.wh.')) this.whiteOut(parent, name, entry.path);
    else this.place(parent, name, entry, number);
  }

  /**
   * Adds a file or directory that no layer has. Returns the number of its entry, or undefined if the path exists. Links
   * are followed inside the root. @throws ArchiveError when the path leads through a file
   */
  addMissing(path: string, type: 'file' | 'directory'): number | undefined {
    const names = split(path);
    const name = names.pop() ?? '';
    const parent = this.directoryAt(names, path, true);
    if (parent.children.has(name)) return undefined;
    const entry = this.count++;
    if (!isAt(parent, names)) this.elsewhere.add(entry);
    const { layer } = this;
    const place: Place =
      type === 'directory'
        ? newDirectory(name, parent, entry, layer)
        : { name, parent, type, target: '', entry, layer, children: undefined };
    parent.children.set(name, place);
    return entry;
  }

  placements(): Placements {
    return new Placements(this.root, this.count, this.elsewhere);
  }

  private place(parent: Directory, name: string, entry: TarEntry, number: number): void {
    const there = parent.children.get(name);
    if (entry.type === 'directory' && isDirectory(there)) {
      there.entry = number;
      there.layer = this.layer;
      return;
    }
    if (there?.layer === this.layer) throw this.error(entry.path, 'is there twice', 'one entry for each path');
    const flat = withoutParent(name);
    parent.children.set(flat, this.newPlace(flat, parent, entry, number));
  }

  private newPlace(name: string, parent: Directory, entry: TarEntry, number: number): Place {
    const { layer } = this;
    if (entry.type === 'directory') return newDirectory(name, parent, number, layer);
    if (entry.type !== 'link')
      return { name, parent, type: entry.type, target: entry.target, entry: number, layer, children: undefined };
    const { type, target, entry: from } = this.linked(entry);
    this.elsewhere.add(from);
    return { name, parent, type, target, entry: from, layer, children: undefined };
  }

  /** The file that a hard link refers to. */
  private linked({ path, target }: TarEntry): Place {
    const names = this.namesOf(target, path);
    const name = names.pop() ?? '';
    const place = this.directoryAt(names, path, false)?.children.get(name);
    if (place && !isDirectory(place)) return place;
    const problem = `is a hard link to ${JSON.stringify(target)}, which is not there`;
    throw this.error(path, problem, 'a file that comes before it');
  }

  /**
   * Follows links of lower layers, as a program in the root would. Within one layer, no entry is below a link.
   * @param make Whether to create missing directories. Otherwise the result is undefined when one is missing.
   */
  private directoryAt(names: readonly string[], path: string, make: true): Directory;
  private directoryAt(names: readonly string[], path: string, make: boolean): Directory | undefined;
  private directoryAt(names: readonly string[], path: string, make: boolean): Directory | undefined {
    const left = [...names];
    let at = this.root;
    for (let links = 0, name = left.shift(); name !== undefined; name = left.shift()) {
      if (name === '..') {
        at = at.parent ?? this.root;
        continue;
      }
      const there = at.children.get(name);
      if (!there && !make) return undefined;
      const place = there ?? newDirectory(withoutParent(name), at, NO_ENTRY, this.layer);
      if (!there) at.children.set(place.name, place);
      if (isDirectory(place)) {
        at = place;
        continue;
      }
      if (place.type !== 'symlink' || place.layer === this.layer)
        throw this.error(path, `is below a ${place.type}`, 'a path below directories');
      links += 1;
      if (links > MAX_LINKS) throw this.error(path, `leads through more than ${MAX_LINKS} links`, 'fewer');
      if (place.target.startsWith('/')) at = this.root;
      left.unshift(...split(place.target));
    }
    return at;
  }

  /** @see https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts */
  private whiteOut(parent: Directory, marker: string, path: string): void {
    if (marker === '.wh..wh..opq') this.hideBelow(parent);
    // Other names of this form are metadata of the storage driver aufs.
    if (marker.startsWith('.wh..wh.')) return;
    const name = marker.slice('.wh.'.length);
    if (name === '' || name === '.' || name === '..')
      throw this.error(path, 'names no file to remove', 'the name of a file after ".wh."');
    this.hide(parent, name);
  }

  private hideBelow(directory: Directory): void {
    for (const name of [...directory.children.keys()]) this.hide(directory, name);
  }

  /** Removes entries of lower layers. */
  private hide(parent: Directory, name: string): void {
    const place = parent.children.get(name);
    if (!place) return;
    if (isDirectory(place)) this.hideBelow(place);
    if (place.layer === this.layer) return;
    if (isDirectory(place) && place.children.size > 0) place.entry = NO_ENTRY;
    else parent.children.delete(name);
  }

  /** @param by path of the entry with this path */
  private namesOf(path: string, by: string): string[] {
    if (path.startsWith('/') && !this.layered) throw this.error(by, 'has an absolute path', 'a relative path');
    const names = split(path);
    if (names.includes('..')) throw this.error(by, 'leads out of the root', 'a path without ".."');
    if (path.length > MAX_PATH || names.some((name) => name.length > MAX_NAME))
      throw this.error(by, 'has a path that is too long', `at most ${MAX_PATH} bytes, and ${MAX_NAME} a name`);
    return names;
  }

  private error(entry: string | undefined, problem: string, expected: string): ArchiveError {
    return new ArchiveError({ file: this.file, entry, problem, expected });
  }
}

function newDirectory(name: string, parent: Directory | undefined, entry: number, layer: number): Directory {
  return { name, parent, type: 'directory', target: '', entry, layer, children: new Map() };
}

/** A copy of the text. A substring would keep the whole path in memory. */
function withoutParent(name: string): string {
  return Buffer.from(name, 'latin1').toString('latin1');
}

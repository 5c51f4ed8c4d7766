import type { TarType } from './tar-header';

/**
 * A path of the root. There is one for each of the paths of an archive, so that it is kept small: the path itself is put
 * together from the names above it when it is needed.
 */
export interface Place {
  readonly name: string;
  /** None for the root itself. */
  readonly parent: Place | undefined;
  readonly type: TarType;
  readonly target: string;
  /** Number of the entry that it comes from, several paths from one; none when only entries below it name it. */
  entry: number;
  /** The topmost layer that has an entry of this path. */
  layer: number;
  readonly children: Map<string, Place> | undefined;
}

/** For the entry of a directory that only entries below it name. */
export const NO_ENTRY = -1;

/** What becomes of an entry: the paths that lead to it in the end. */
export interface Placed {
  readonly type: TarType;
  readonly paths: readonly string[];
}

const TYPES: readonly TarType[] = ['file', 'link', 'symlink', 'directory', 'fifo', 'device'];

/**
 * What becomes of the entries, by their number over all layers: a byte for each, and paths only of those that lie
 * elsewhere than they say, so that the tree need not be kept.
 */
export class Placements {
  /** 0 for an entry that is hidden or removed, otherwise the number of its type. */
  private readonly types: Uint8Array;
  private readonly moved = new Map<number, string[]>();

  /** @param elsewhere numbers of entries that have other paths than their own */
  constructor(
    root: Place,
    count: number,
    private readonly elsewhere: ReadonlySet<number>,
  ) {
    this.types = new Uint8Array(count);
    this.add(root);
  }

  /** @param path the entry's own. @returns undefined for an entry that is hidden or removed */
  get(entry: number, path: string): Placed | undefined {
    const type = TYPES[(this.types[entry] ?? 0) - 1];
    return type && { type, paths: this.moved.get(entry) ?? [split(path).join('/') || '.'] };
  }

  private add(place: Place): void {
    const { entry, type, children } = place;
    if (entry !== NO_ENTRY) this.types[entry] = TYPES.indexOf(type) + 1;
    if (this.elsewhere.has(entry)) this.moved.set(entry, [...(this.moved.get(entry) ?? []), pathOf(place)]);
    for (const child of children?.values() ?? []) this.add(child);
  }
}

function pathOf({ name, parent }: Place): string {
  if (!parent) return '.';
  return parent.parent ? `${pathOf(parent)}/${name}` : name;
}

/** The names of a path, without what means nothing. */
export function split(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

import type { TarType } from './tar-header';

/**
 * A path of the root. There is one Place per path of an archive, so it is small: the full path is built from its
 * parents when it is needed.
 */
export interface Place {
  readonly name: string;
  /** Undefined for the root itself. */
  readonly parent: Place | undefined;
  readonly type: TarType;
  readonly target: string;
  /** Number of the entry, which several paths may share. {@link NO_ENTRY} when only entries below the path name it. */
  entry: number;
  /** The topmost layer with an entry of this path. */
  layer: number;
  readonly children: Map<string, Place> | undefined;
}

/** A directory without an entry, which only entries below it name. */
export const NO_ENTRY = -1;

/** The final paths of an entry. */
export interface Placed {
  readonly type: TarType;
  readonly paths: readonly string[];
}

const TYPES: readonly TarType[] = ['file', 'link', 'symlink', 'directory', 'fifo', 'device'];

/**
 * The final paths of the entries, by their number over all layers. It keeps one byte per entry, and paths only for
 * entries with other paths than their own. So the tree need not be kept.
 */
export class Placements {
  /** 0 for a hidden or removed entry, otherwise the number of its type. */
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

  /** @param path the entry's own path. @returns undefined for a hidden or removed entry */
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

/** The names in a path, without empty names and ".". */
export function split(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

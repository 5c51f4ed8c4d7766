import { posix } from 'node:path';
import { type AddedEntry, addEntries } from './added-entries';
import type { Placements } from './placements';
import { attributesOf, changed, nameOf, partsOf, type RootArchive } from './root-layers';
import { RootTree } from './root-tree';
import type { RootExtras } from './shared-root-name';
import { paddingOf, type TarEntry } from './tar-header';
import { END_OF_TAR, fileHeader, tarHeader, wholeFile } from './write-tar';

const NONE: ReadonlyMap<string, string> = new Map();

/** The parts of a root on the host, below one directory. */
export interface SharedRoot {
  readonly root: RootArchive;
  /** Directory for the root itself, and for a file `layers` with the digests of its layers. */
  readonly directory: string;
  /** Name of the root in that directory. */
  readonly name: string;
  /** What is added to the image. */
  readonly extras: RootExtras;
  /** Digests of the layers that `layers/` does not have yet. */
  readonly missing: readonly string[];
}

/**
 * Writes a tar archive of a root file system, as a container of the image would see it, and of the layers that the host
 * lacks. The whole image is checked before the first byte is written. The archive is written anew: it has only files,
 * directories, links and FIFOs. Each path occurs once, no path is below a link or outside of the root, and hard links
 * refer to earlier entries.
 *
 * A layer contains only its files, as `layers/DIGEST/NUMBER`, so no text of an image becomes a path there. The root has
 * all directories and links, and a hard link to the file in its layer for each file. `layers/DIGEST/complete` and
 * `DIRECTORY/layers` are the last entries of their directories, since tar does not notice a truncated archive.
 * @throws ArchiveError
 */
export async function* sharedRootTar(shared: SharedRoot): AsyncGenerator<Buffer> {
  const { root, directory, name, extras, missing } = shared;
  const { placed, added } = await check(root, extras);
  const inRoot = (path: string) => posix.join(directory, name, path);
  const absent = new Set(missing);
  let number = 0;
  for (const layer of root.layers) {
    const isAbsent = absent.delete(layer.digest);
    const store = `layers/${layer.digest}`;
    let index = 0;
    let after: readonly Buffer[] = [];
    for await (const part of partsOf(root, layer)) {
      if (Buffer.isBuffer(part)) {
        if (isAbsent) yield part;
        continue;
      }
      yield* after;
      const here = placed.get(number++, part.path);
      const stored = `${store}/${index++}`;
      if (here && here.type !== part.type) throw changed(root, part);
      const paths = here?.paths.map(inRoot) ?? [];
      if (part.type !== 'file') after = entryAt(part, paths);
      else {
        if (isAbsent) yield headerAt(part, stored);
        after = [Buffer.alloc(isAbsent ? paddingOf(part.size) : 0), ...linksTo(part, stored, paths)];
      }
    }
    yield* after;
    if (isAbsent) yield fileHeader(`${store}/complete`, 0);
  }
  for (const [at, { entry, content }] of added) {
    yield* entryAt(entry, placed.get(at, entry.path)?.paths.map(inRoot) ?? []);
    yield content;
    yield Buffer.alloc(paddingOf(content.length));
  }
  const digests = root.layers.map(({ digest }) => `${digest}\n`);
  yield* wholeFile(`${directory}/layers`, Buffer.from(digests.join('')));
  yield END_OF_TAR;
}

interface Checked {
  readonly placed: Placements;
  readonly added: ReadonlyMap<number, AddedEntry>;
}

async function check(root: RootArchive, extras: RootExtras): Promise<Checked> {
  const tree = new RootTree(root.layered);
  for (const layer of root.layers) {
    tree.begin(nameOf(root, layer));
    for await (const part of partsOf(root, layer)) if (!Buffer.isBuffer(part)) tree.add(part);
  }
  const added = addEntries(tree, extras);
  return { placed: tree.placements(), added };
}

/** An entry without content at its first path, and links to it at the other paths. */
function entryAt(entry: TarEntry, [path, ...others]: readonly string[]): Buffer[] {
  return path === undefined ? [] : [headerAt(entry, path), ...linksTo(entry, path, others)];
}

function headerAt(entry: TarEntry, path: string): Buffer {
  return tarHeader({ ...entry, path, attributes: attributesOf(entry) });
}

function linksTo(entry: TarEntry, target: string, paths: readonly string[]): Buffer[] {
  return paths.map((path) => tarHeader({ ...entry, type: 'link', path, target, size: 0, attributes: NONE }));
}

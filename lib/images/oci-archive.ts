import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ArchiveError } from '../archives/error';
import { listTar, readAt } from '../archives/list-tar';
import { attributesOf } from '../archives/root-layers';
import { MAX_ENTRIES, RootTree } from '../archives/root-tree';
import { paddingOf } from '../archives/tar-header';
import { END_OF_TAR, fileHeader, tarHeader, wholeFile } from '../archives/write-tar';
import { cached, imageCache } from './cache';
import { withPlainFile } from './plain-file';

const CHUNK = 1 << 20;

/** A root file system that becomes an image of one layer. */
export interface RootFile {
  /** Path of its tar archive, which may be compressed. */
  readonly tar: string;
  /** SHA-256 of that file in hex. */
  readonly digest: string;
  /** Architecture of its programs, in the words of images. */
  readonly architecture: string;
}

/**
 * An OCI archive of a root file system. The same files give the same image, on every machine and with every
 * compression. Returns its path in the cache. It replaces an earlier archive from the same tar archive.
 * @throws ArchiveError for an archive that is not a root
 */
export function ociArchiveOf({ tar, digest, architecture }: RootFile): string {
  const prefix = `oci-${hashOf(tar).slice(0, 16)}-${architecture}-`;
  const name = `${prefix}${digest.slice(0, 32)}.tar`;
  const directory = imageCache();
  if (existsSync(join(directory, name))) return join(directory, name);
  for (const old of readdirSync(directory)) if (old.startsWith(prefix)) rmSync(join(directory, old), { force: true });
  return cached(name, (path) => {
    const archive = openSync(path, 'wx', 0o600);
    try {
      write(archive, tar, architecture);
    } finally {
      closeSync(archive);
    }
  });
}

function write(archive: number, tar: string, architecture: string): void {
  const blob = (content: string) => {
    for (const part of wholeFile(pathOf(hashOf(content)), Buffer.from(content))) writeSync(archive, part);
    return { digest: `sha256:${hashOf(content)}`, size: Buffer.byteLength(content) };
  };
  const type = (kind: string) => `application/vnd.oci.image.${kind}`;
  const layer = writeLayer(archive, tar);
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = { mediaType: type('config.v1+json'), ...blob(JSON.stringify({ architecture, os: 'linux', rootfs })) };
  const mediaType = type('manifest.v1+json');
  const layers = [{ mediaType: type('layer.v1.tar'), ...layer }];
  const manifest = { mediaType, ...blob(JSON.stringify({ schemaVersion: 2, mediaType, config, layers })) };
  const index = JSON.stringify({ schemaVersion: 2, manifests: [manifest] });
  for (const part of wholeFile('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'))) writeSync(archive, part);
  for (const part of wholeFile('index.json', Buffer.from(index))) writeSync(archive, part);
  writeSync(archive, END_OF_TAR);
}

/** Writes the layer as the first entry of the archive. Its digest, which becomes its name, is known at the end. */
function writeLayer(archive: number, tar: string): { readonly digest: string; readonly size: number } {
  const hash = createHash('sha256');
  let size = 0;
  const put = (content: Buffer) => {
    writeSync(archive, content);
    hash.update(content);
    size += content.length;
  };
  writeSync(archive, fileHeader(pathOf('0'.repeat(64)), 0));
  withPlainFile(tar, (source) => {
    const tree = new RootTree(false);
    tree.begin(tar);
    for (const entry of listTar(source, tar, { most: MAX_ENTRIES })) {
      checkName(tar, entry.path);
      tree.add(entry);
      // Each runtime provides its own devices.
      if (entry.type === 'device') continue;
      put(tarHeader({ ...entry, attributes: attributesOf(entry) }));
      for (let done = 0; done < entry.size; done += CHUNK)
        put(readAt(source, entry.offset + done, Math.min(CHUNK, entry.size - done)) ?? Buffer.alloc(0));
      put(Buffer.alloc(paddingOf(entry.size)));
    }
  });
  put(END_OF_TAR);
  writeSync(archive, Buffer.alloc(paddingOf(size)));
  const digest = hash.digest('hex');
  writeSync(archive, fileHeader(pathOf(digest), size), 0, undefined, 0);
  return { digest: `sha256:${digest}`, size };
}

/** In a layer, files with these names delete files of lower layers. */
function checkName(file: string, path: string): void {
  if (!/(?:^|\/)\.wh\.[^/]*\/?$/.test(path)) return;
  const expected = 'other names, since in an image ".wh." removes files';
  throw new ArchiveError({ file, entry: path, problem: "has a name that an image can't have", expected });
}

const pathOf = (digest: string) => `blobs/sha256/${digest}`;

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

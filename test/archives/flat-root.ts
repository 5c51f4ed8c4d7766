import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type RootArchive, sharedRootTar } from '../../lib/archives';
import { readTar } from '../../lib/archives/read-tar';
import { paddingOf, type TarEntry } from '../../lib/archives/tar-header';
import { END_OF_TAR, tarHeader } from '../../lib/archives/write-tar';

/**
 * A root as one tar archive below `root/`, as whoever unpacks what a host gets would see it: files at their first path, and
 * links to them at the others. @throws ArchiveError
 */
export async function flatRoot(root: RootArchive): Promise<Buffer> {
  const missing = [...new Set(root.layers.map(({ digest }) => digest))];
  const shared = await buffer(sharedRootTar({ root, directory: 'new', name: 'root', extras: { bare: true }, missing }));
  const stored = new Map<string, { readonly entry: TarEntry; readonly content: Buffer[] }>();
  const first = new Map<string, string>();
  const parts: Buffer[] = [];
  let content: Buffer[] = [];
  for await (const part of readTar(Readable.from([shared]), { file: 'root' })) {
    if (Buffer.isBuffer(part)) {
      content.push(part);
      continue;
    }
    content = [];
    if (part.path.startsWith('layers/')) stored.set(part.path, { entry: part, content });
    if (!part.path.startsWith('new/root')) continue;
    const path = part.path.slice('new/'.length);
    const source = stored.get(part.target);
    const target = first.get(part.target) ?? part.target.replace(/^new\//, '');
    if (part.type !== 'link') parts.push(tarHeader({ ...part, path }));
    else if (!source || first.has(part.target)) parts.push(tarHeader({ ...part, path, target }));
    else {
      first.set(part.target, path);
      parts.push(tarHeader({ ...source.entry, path }), ...source.content, Buffer.alloc(paddingOf(source.entry.size)));
    }
  }
  return Buffer.concat([...parts, END_OF_TAR]);
}

import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { ImagePart } from '../manifest';
import type { Transport } from '../transport';
import { STATE_DIR } from './observe-script';
import { flattenOci, readOciIndex } from './oci';
import { run } from './run';
import type { Scope } from './scope';

export interface LoadImage {
  /** Name of the image on the host: a reference, or the directory of a machine's root. */
  readonly key: string;
  readonly image: ImagePart;
  /** Where the archive lies on this machine. */
  readonly archive: string;
  readonly service: string;
  readonly signal?: AbortSignal | undefined;
}

type RunLoad = (argv: readonly string[], input?: Readable | Uint8Array) => Promise<string>;

/**
 * Brings an image onto the host. A machine's root is only laid beside its place: `placeRoot` puts it there once the
 * machine is stopped.
 */
export async function loadImage(scope: Scope, load: LoadImage): Promise<void> {
  const { key, service, signal } = load;
  const runLoad: RunLoad = async (command, input) => {
    const purpose = { service, action: `load ${key}`, at: ['images', key], command };
    const { stdout } = await run(scope, command, purpose, { ...(input && { input }), ...(signal && { signal }) });
    return stdout.toString();
  };
  if (load.image.store === 'podman') await loadIntoPodman(runLoad, load, scope.user);
  else await unpackRoot(runLoad, load);
}

/**
 * podman names an image after an annotation in its archive, which could take that name from another image. So the
 * archive is unpacked, its index sent again without names, and the image gets the one name it should have.
 */
async function loadIntoPodman(run: RunLoad, { key, image, archive }: LoadImage, user?: string): Promise<void> {
  const base = user === undefined ? LOAD_DIR : (await run(['sh', '-c', 'echo "$HOME/.cache/bulkhead"'])).trim();
  const dir = `${base}/${image.asset}`;
  const index = await readOciIndex(archive);
  for (const manifest of index.manifests) delete manifest.annotations;
  try {
    await run(['mkdir', '-p', dir]);
    await run(['tar', '-x', '-C', dir, '-f', '-'], createReadStream(archive));
    await run(['tee', `${dir}/index.json`], Buffer.from(JSON.stringify(index)));
    const id = (await run(['podman', 'pull', '--quiet', `oci:${dir}`])).trim();
    await run(['podman', 'tag', id, key]);
    await run(['sh', '-c', 'podman untag "$1" "localhost$2:latest"', 'sh', id, dir]).catch(() => undefined);
  } finally {
    await run(['sh', '-c', 'rm -rf "$1" && rmdir "$2" 2>/dev/null || true', 'sh', dir, base]);
  }
}

const newRoot = (root: string) => posix.join(posix.dirname(root), `.${posix.basename(root)}.bulkhead-new`);

/** Where archives for podman are unpacked. */
export const LOAD_DIR = `${STATE_DIR}/load`;

// Capabilities of files, such as ping has, and what programs noted; a label of SELinux is the host's to give.
const ATTRIBUTES = ['--xattrs', '--xattrs-include=security.capability', '--xattrs-include=user.*'];

async function unpackRoot(run: RunLoad, { key, image, archive }: LoadImage): Promise<void> {
  const root = newRoot(key);
  await run(['sh', '-c', 'rm -rf --one-file-system "$1" && mkdir -p "$1"', 'sh', root]);
  const tar = ['tar', '-x', '-p', '--numeric-owner', '--same-owner', ...ATTRIBUTES, '-C', root];
  if (image.format === 'tar') {
    await run([...tar, ...(await compression(archive)), '-f', '-'], createReadStream(archive));
    return;
  }
  const scratch = await mkdtemp(join(tmpdir(), 'bulkhead-image-'));
  try {
    await run([...tar, '-f', '-'], await flattenOci(archive, scratch));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Where the root that was there before is kept: what was written into it is not lost by a new image. */
const previousRoot = (root: string) => posix.join(posix.dirname(root), `.${posix.basename(root)}.previous`);

/** What there may be of a machine's root: also one that was never placed, and the lock of systemd-nspawn(1). */
export function tracesOfRoot(root: string): string[] {
  const lock = posix.join(posix.dirname(root), `.#${posix.basename(root)}.lck`);
  return [root, newRoot(root), previousRoot(root), lock];
}

const PLACE_SCRIPT = `
set -eu
new=$1 root=$2 previous=$3
if [ -e "$root" ]; then rm -rf --one-file-system -- "$previous"; mv -T -- "$root" "$previous"; fi
mv -T -- "$new" "$root"
`;

/** Puts an unpacked root in its place. The one that was there is kept beside it until the next one comes. */
export async function placeRoot(transport: Transport, root: string, service: string): Promise<void> {
  const command = ['sh', '-c', PLACE_SCRIPT, 'sh', newRoot(root), root, previousRoot(root)];
  await run(transport, command, { service, action: `replace ${root}`, at: ['images', root] });
}

const MAGIC: readonly (readonly [hex: string, option: string])[] = [
  ['1f8b', '--gzip'],
  ['fd377a585a00', '--xz'],
  ['28b52ffd', '--zstd'],
  ['425a68', '--bzip2'],
];

/** tar can't look ahead in a pipe, so it has to be told what it reads. */
async function compression(archive: string): Promise<string[]> {
  const file = await open(archive);
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const hex = buffer.toString('hex');
    return MAGIC.filter(([magic]) => hex.startsWith(magic)).map(([, option]) => option);
  } finally {
    await file.close();
  }
}

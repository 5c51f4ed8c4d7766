import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { FilePart, Manifest } from '../../manifest';
import { GENERATIONS_DIR } from '../paths';
import { readRecord } from '../record';
import { run } from '../run';
import type { Scope } from '../scope';
import { readTar } from '../tar';

/** A version of a service, by its number. */
export interface Version {
  readonly service: string;
  readonly number: number;
}

/** A version as it is kept on a host: its manifest with the contents of its files. */
export interface KeptVersion extends Version {
  readonly manifest: Manifest;
  /** Files that are assets and that somebody else than root could replace, by their paths. */
  readonly assets: ReadonlyMap<string, Buffer>;
}

/** Prints what is kept of versions: lines of a size and a name, an empty line, and these files. Arguments: directories. */
const READ_SCRIPT = `
cd ${GENERATIONS_DIR} 2>/dev/null || exit 0
list() { format=$1; shift; find "$@" -maxdepth 1 -type f -printf "$format" 2>/dev/null || :; }
list '%s %p\\n' "$@"
echo
list '%p\\0' "$@" | xargs -0 -r cat --
`;

/** Reads versions that a host keeps: each of them, or why it can't be used. @throws ApplyError */
export async function readVersions(
  scope: Scope,
  versions: readonly Version[],
  signal?: AbortSignal,
): Promise<Map<string, KeptVersion | string>> {
  const directories = versions.map(({ service, number }) => posix.join(service, String(number)));
  const purpose = { action: 'read the versions that are kept' };
  const { stdout } = await run(scope, ['sh', '-c', READ_SCRIPT, 'sh', ...directories], purpose, signal && { signal });
  const files = readFiles(stdout);
  return new Map(versions.map((version) => [version.service, readVersion(version, files)]));
}

/** Reads files that a script prints: lines of a size and a name, an empty line, and the files one after the other. */
export function readFiles(output: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  let at = output.indexOf('\n\n') + 2;
  for (const line of output.toString('utf8', 0, Math.max(0, at - 2)).split('\n')) {
    const [, size = '', path = ''] = /^(\d+) (.+)$/.exec(line) ?? [];
    files.set(path, output.subarray(at, at + Number(size)));
    at += Number(size);
  }
  return files;
}

function readVersion(version: Version, files: ReadonlyMap<string, Buffer>): KeptVersion | string {
  const { service, number } = version;
  const file = (name: string) => files.get(posix.join(service, String(number), name));
  const text = file('record')?.toString();
  if (text === undefined) return 'it is not kept';
  const record = readRecord(service, text);
  if (typeof record === 'string') return `its record ${record}`;
  const packed = ['content', 'others'].flatMap((name) => readTar(file(name) ?? Buffer.alloc(0)));
  const contents = new Map(packed.flatMap(({ path, content }) => (content ? [[path, content] as const] : [])));
  return withContents(version, record.manifest, contents);
}

/** Pure: what was changed by hand before it was kept does not count. */
export function withContents(
  version: Version,
  manifest: Manifest,
  contents: ReadonlyMap<string, Buffer>,
): KeptVersion | string {
  const files: Record<string, FilePart> = {};
  for (const [path, file] of Object.entries(manifest.files)) {
    const content = contents.get(path);
    const same = content !== undefined && file.content === `sha256:${digestOf(content)}`;
    if (file.content !== undefined && !same) return `${path} was changed by hand before`;
    files[path] = same ? { ...file, content: content.toString() } : file;
  }
  const isAsset = ([path, content]: [string, Buffer]) => manifest.files[path]?.asset === digestOf(content);
  return { ...version, manifest: { ...manifest, files }, assets: new Map([...contents].filter(isAsset)) };
}

const digestOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');

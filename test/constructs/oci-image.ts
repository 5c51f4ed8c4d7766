import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { temporaryDirectory } from './testing';

/** Writes an OCI archive of an image without layers. */
export function writeOciArchive(path: string, config: object): { readonly id: string } {
  const directory = temporaryDirectory();
  const blob = (content: object): string => {
    const text = JSON.stringify(content);
    const digest = createHash('sha256').update(text).digest('hex');
    const file = join(directory, 'blobs', 'sha256', digest);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return digest;
  };
  const id = blob({ architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [] } });
  const manifest = blob({ schemaVersion: 2, config: { digest: `sha256:${id}` }, layers: [] });
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ manifests: [{ digest: `sha256:${manifest}` }] }));
  create({ file: path, cwd: directory, sync: true }, ['oci-layout', 'index.json', 'blobs']);
  return { id };
}

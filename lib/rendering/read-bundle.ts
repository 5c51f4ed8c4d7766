import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkManifest, type Manifest } from '../manifest/manifest';
import { type Bundle, INDEX } from './bundle-format';

/**
 * Reads a bundle from its directory. The text of each file comes from the native file beside the index, so that what
 * was reviewed there is what is applied.
 * @throws when a file is missing or a manifest is not valid.
 */
export function readBundle(directory: string): Bundle {
  const bundle = JSON.parse(readFileSync(join(directory, INDEX), 'utf8')) as Bundle;
  return {
    ...bundle,
    hosts: bundle.hosts.map((host) => ({
      ...host,
      manifests: host.manifests.map((manifest) => complete(manifest, join(directory, host.id))),
    })),
  };
}

function complete(index: Manifest, root: string): Manifest {
  const files = Object.entries(index.files).map(([path, file]) => [
    path,
    file.asset === undefined ? { content: readFileSync(join(root, path), 'utf8'), ...file } : file,
  ]);
  const manifest: Manifest = { ...index, files: Object.fromEntries(files) };
  const [problem] = checkManifest(manifest);
  if (problem)
    throw new Error(
      `Cannot read the manifest of "${index.path}" in ${root}: ${problem.at.join('.')} ${problem.message}`,
    );
  return manifest;
}

import { ASSETS, type Bundle, type BundleHost, INDEX } from './bundle-format';
import { checkBundle } from './check-bundle';
import { Inside } from './read-inside';

/** Largest index. A bundle has some hundred bytes per service. */
const MAX_INDEX = 256 << 20;

/** Largest file. Larger files are assets. */
const MAX_FILE = 16 << 20;

/**
 * Reads a bundle from its directory, which somebody else may have written. The index lists the files, and the text of
 * each file comes from the native file beside it: what was reviewed is what is applied. No link is followed. Whoever
 * sends an asset checks it against its digest.
 * @throws Error that names the file and the place in it, when something is missing or is not as a synthesis writes it
 */
export function readBundle(directory: string): Bundle {
  const files = new Inside(directory);
  const bundle = checkBundle(parse(files.text(INDEX, MAX_INDEX)));
  files.checkDirectory(ASSETS);
  return { ...bundle, hosts: bundle.hosts.map((host) => withTexts(host, files)) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${INDEX} is not JSON: ${(error as Error).message}`);
  }
}

function withTexts(host: BundleHost, files: Inside): BundleHost {
  const manifests = host.manifests.map((manifest) => {
    const entries = Object.entries(manifest.files).map(([path, file]) => {
      if (file.asset !== undefined) return [path, file] as const;
      return [path, { content: files.text(`${host.id}${path}`, MAX_FILE), ...file }] as const;
    });
    return { ...manifest, files: Object.fromEntries(entries) };
  });
  return { ...host, manifests };
}

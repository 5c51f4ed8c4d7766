import { statSync } from 'node:fs';
import { ArchiveError } from '../../archives/error';
import { openImageArchive } from '../../archives/image-archive';
import { type AccountFiles, accountFiles } from '../../images/accounts';
import { debianArchitecture, debianTar } from '../../images/debian-tar';
import { directoryTar } from '../../images/directory-tar';
import { ociArchiveOf } from '../../images/oci-archive';
import { fail } from '../problem';
import { type Asset, assetOf } from './assets';
import { FILE_FORMATS, Image } from './image';
import { type ReadImage, readImage } from './oci-archive';

/** An image in a file on this machine. */
export interface ImageFile {
  readonly asset: Asset;
  readonly format: 'oci-archive' | 'tar';
  /**
   * Processor architecture of its programs, in the words of the OCI image specification. Undefined when it is not
   * known.
   */
  readonly architecture: string | undefined;
  /** The metadata of an OCI archive. Undefined for other formats. */
  readonly read: ReadImage | undefined;
}

/**
 * Returns the file of an image on this machine, and makes that file first if necessary. @throws Error for an image in a
 * registry, and when the file can't be made
 */
export function imageFile(image: unknown, at: string): ImageFile {
  const checked = Image.check(image, FILE_FORMATS, at);
  const path = pathOf(checked, at);
  const asset = assetOf(path, 'run image', at);
  if (checked.format === 'oci-archive') {
    const read = readImage(path, at);
    return { asset, format: 'oci-archive', architecture: read.config.architecture, read };
  }
  const architecture = checked.format === 'debian' ? debianArchitecture() : undefined;
  return { asset, format: 'tar', architecture, read: undefined };
}

/**
 * Returns the OCI archive of an image, and makes that archive first if necessary. @throws Error for an image in a
 * registry, and when the archive can't be made
 */
export function ociArchive(image: unknown, at: string): { readonly asset: Asset; readonly read: ReadImage } {
  const { asset, architecture = debianArchitecture(), read } = imageFile(image, at);
  if (read) return { asset, read };
  const { file: tar, digest } = asset;
  const path = reading(tar, at, () => ociArchiveOf({ tar, digest, architecture }));
  return { asset: assetOf(path, 'run image', at), read: readImage(path, at) };
}

/** The users and groups of an image. @throws Error for a damaged image */
export function accountsIn(image: unknown, at: string): AccountFiles {
  const { asset, read } = imageFile(image, at);
  const { file, digest } = asset;
  return reading(file, at, () => {
    if (read) return accountFiles({ file, digest: read.digest, layers: openImageArchive(file).layers });
    const layer = { digest, size: statSync(file).size, offset: 0, entry: '.' };
    return accountFiles({ file, digest, layers: [layer] });
  });
}

function reading<T>(file: string, at: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const { problem, expected } = error;
    return fail({ action: 'read image', value: file, problem, expected, at });
  }
}

function pathOf({ source, format, packages }: Image, at: string): string {
  try {
    if (format === 'directory') return directoryTar(source);
    if (format === 'debian') return debianTar(source, packages);
  } catch (error) {
    return fail({
      action: format === 'debian' ? 'build Debian' : 'read directory',
      value: [source, ...packages].join(' '),
      problem: (error as Error).message,
      expected: format === 'debian' ? 'a suite and packages that mmdebstrap installs' : 'a directory on this machine',
      at,
    });
  }
  return source;
}

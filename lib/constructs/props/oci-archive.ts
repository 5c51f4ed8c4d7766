import { ArchiveError } from '../../archives/error';
import { openImageArchive } from '../../archives/image-archive';
import { type ImageConfig, imageConfig } from '../../archives/image-config';
import { fail } from '../problem';

export type { ImageConfig };

/** The metadata of an image. */
export interface ReadImage {
  /** Digest of the image's manifest in hex. It identifies the whole content. */
  readonly digest: string;
  readonly config: ImageConfig;
}

/** Reads the metadata of the image in an OCI archive, however large the archive is. @throws Error for any other file */
export function readImage(path: string, at: string): ReadImage {
  try {
    const archive = openImageArchive(path);
    return { digest: archive.manifest.digest, config: imageConfig(archive) };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const { problem, expected } = error;
    return fail({ action: 'read image', value: path, problem, expected, at });
  }
}

/**
 * The object field with the processor architecture of an image's programs. Empty when the architecture is not known.
 */
export function ofArchitecture(architecture: string | undefined): { readonly architecture?: string } {
  return architecture === undefined ? {} : { architecture };
}

import { ArchiveError } from '../../archives/error';
import { openImageArchive } from '../../archives/image-archive';
import { type ImageConfig, imageConfig } from '../../archives/image-config';
import { fail } from '../problem';

export type { ImageConfig };

/** What the texts of an image say. */
export interface ReadImage {
  /** Digest of its manifest in hex, which names all that it is made of. */
  readonly digest: string;
  readonly config: ImageConfig;
}

/** Reads the texts of the one image in an OCI archive, however large. @throws Error for another file */
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

/** The field of an object that says which processor its programs are for; none where that is not known. */
export function ofArchitecture(architecture: string | undefined): { readonly architecture?: string } {
  return architecture === undefined ? {} : { architecture };
}

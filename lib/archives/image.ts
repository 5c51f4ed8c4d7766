import type { Blob } from './blob';

/** A text of an image, with its digest. */
export interface ImageText {
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly content: Buffer;
}

/** One image in a file of this machine. */
export interface ImageArchive {
  readonly file: string;
  /** How to run the image. Its digest is the image's ID. */
  readonly config: ImageText;
  readonly manifest: ImageText;
  /** The layers, the lowest first. Each digest is checked when the layer is read. */
  readonly layers: readonly Blob[];
}

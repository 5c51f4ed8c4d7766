import type { IConstruct } from 'constructs';
import type { ImageConfig } from './oci-archive';
import type { Used } from './used';

/** A construct for an image that the host stores. Services run the image in place. */
export interface StoredImage extends IConstruct, Used {
  readonly storedAs: 'directory' | 'raw';
  /** Whether services share the image. Nothing may write to a shared image. */
  readonly readOnly: boolean;
  /** How to run the image. Undefined when the image has files only. */
  readonly config: ImageConfig | undefined;
}

/** Whether a prop holds a construct for an image that the host stores. */
export function isStoredImage(value: unknown): value is StoredImage {
  return typeof value === 'object' && value !== null && 'storedAs' in value && 'usedAs' in value;
}

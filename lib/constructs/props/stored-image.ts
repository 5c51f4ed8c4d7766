import type { IConstruct } from 'constructs';
import type { ImageConfig } from './oci-archive';
import type { Used } from './used';

/** A construct that stands for an image that the host stores, and that services run from in place. */
export interface StoredImage extends IConstruct, Used {
  readonly storedAs: 'directory' | 'raw';
  /** Whether services share it: nothing may write to it. */
  readonly readOnly: boolean;
  /** How to run what is in it; undefined for an image that is nothing but files. */
  readonly config: ImageConfig | undefined;
}

/** Whether a prop holds a construct whose image the host stores. */
export function isStoredImage(value: unknown): value is StoredImage {
  return typeof value === 'object' && value !== null && 'storedAs' in value && 'usedAs' in value;
}

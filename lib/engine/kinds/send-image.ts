import { ociLayout, openImageArchive } from '../../archives';
import { run } from '../run';
import type { Scope } from '../scope';
import { type ArchiveToSend, sendArchive } from './send-archive';

export interface ImageToSend extends Omit<ArchiveToSend, 'archive'> {
  /** Path of the image archive on this machine. */
  readonly file: string;
  /** Command that prints the digests of blobs that the host has, as `sha256:2f1c...`. */
  readonly present: readonly string[];
  /** Name for the image, when the store reads it from the archive. */
  readonly name?: string;
}

/** Sends an image as an OCI image layout, without the layers that the host has. @throws ApplyError */
export async function sendImage(scope: Scope, { file, present, name, ...rest }: ImageToSend): Promise<void> {
  const { stdout } = await run(scope, present, rest.purpose);
  const without = new Set(Array.from(stdout.toString().matchAll(/\bsha256:([0-9a-f]{64})\b/g), ([, hex = '']) => hex));
  await sendArchive(scope, { ...rest, archive: () => ociLayout(openImageArchive(file), { without, name }) });
}

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Image } from 'bulkhead';
import { openImageArchive } from '../../lib/archives';
import { readBlob } from '../../lib/archives/blob';
import { ociEntries } from '../archives/made-image';
import { tarOf } from '../archives/made-tar';
import { images } from './synth';

/** Images over the BusyBox of the practice host, in archives that are removed at the end of the test file. */
export class MadeImages {
  private readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-images-'));
  private count = 0;

  /** The one layer of the BusyBox image. */
  static async busybox(): Promise<Buffer> {
    const { file, layers } = openImageArchive(images().ociArchive);
    if (!layers[0]) throw new Error('the test image has no layer');
    return buffer(readBlob(file, layers[0]));
  }

  /** An archive of an image with these layers. */
  of(
    layers: readonly Buffer[],
    config: object = { Cmd: ['sleep', '1000'], Env: ['PATH=/bin'] },
    architecture = 'amd64',
  ): Image {
    this.count += 1;
    const path = join(this.directory, `${this.count}.tar`);
    writeFileSync(path, tarOf(ociEntries({ layers, config, architecture })));
    return Image.ociArchive(path);
  }

  cleanUp(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** A layer of one file with so many bytes that no compression makes fewer. */
export function layerOf(path: string, bytes: number): Buffer {
  return tarOf([{ path, content: randomBytes(bytes) }]);
}

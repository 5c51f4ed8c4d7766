import { fail } from './problem';

/** An image in a file on this machine. */
export class Image {
  /**
   * An image in OCI layout inside of a tar file, such as `podman save --format oci-archive` or
   * `skopeo copy ... oci-archive:FILE` write.
   */
  static ociArchive(path: string): Image {
    return new Image(path, 'oci-archive');
  }

  /** A root file system in a tar file, compressed or not, such as `machinectl export-tar` or `mmdebstrap` write. */
  static tar(path: string): Image {
    return new Image(path, 'tar');
  }

  private constructor(
    /** Path on this machine, as given. */
    readonly path: string,
    readonly format: 'oci-archive' | 'tar',
  ) {}

  /** @internal Checks that an image is of a format that a runtime takes. @throws Error */
  static check(image: unknown, formats: readonly Image['format'][], at: string): Image {
    if (image instanceof Image && formats.includes(image.format)) return image;
    const makers = { 'oci-archive': 'Image.ociArchive(path)', tar: 'Image.tar(path)' };
    return fail({
      action: 'run image',
      value: image,
      problem: image instanceof Image ? `is of format ${image.format}` : 'is no image',
      expected: formats.map((format) => makers[format]).join(' or '),
      at,
    });
  }
}

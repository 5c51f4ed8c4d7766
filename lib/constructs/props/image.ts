import { fail } from '../problem';
import { checkReference } from './reference';

/** Formats of an image. */
type Format = 'oci' | 'oci-archive' | 'tar' | 'directory' | 'debian';

/** How a user writes an image of each format, for messages. */
const MAKERS: Readonly<Record<Format, string>> = {
  oci: 'Image.oci(reference)',
  'oci-archive': 'Image.ociArchive(path)',
  tar: 'Image.tar(path)',
  directory: 'Image.directory(path)',
  debian: 'Image.debian(suite, packages)',
};

/** Formats that are a file on this machine, or can be made into a file here. */
export const FILE_FORMATS = ['oci-archive', 'tar', 'directory', 'debian'] as const satisfies readonly Format[];

/** An image that a service runs: from a registry, or from files on this machine. All runtimes use the same class. */
export class Image {
  /**
   * An image in a registry, by its full reference, such as `docker.io/library/caddy:2`. A reference with a digest,
   * `...@sha256:2f1c...`, always means the same image. The host pulls the image once. Podman and docker pull images
   * themselves. For all other classes skopeo(1) pulls them, with the host's credentials (`skopeo login`,
   * containers-auth.json(5)) and settings (`insecure = true` in containers-registries.conf(5) for a registry without
   * TLS).
   *
   * The host keeps its image when the tag moves in the registry. `bulkhead plan --check-tags` asks the registries
   * whether tags have moved. `bulkhead apply --check-tags` pulls the images whose tags have moved. In Terraform, set
   * BULKHEAD_CHECK_TAGS=1 in the environment. This works for all classes except podman's, which have
   * podman-auto-update(1), and images that Terraform's docker provider pulls.
   * @param reference Registry, repository and tag or digest.
   * @throws Error for a reference without a registry, since such a reference can mean a different image on each host
   */
  static oci(reference: string): Image {
    return new Image(checkReference(reference, 'Image.oci'), 'oci');
  }

  /**
   * One image in an uncompressed tar file, as `podman save`, `docker save`, `buildah push` and `skopeo copy ...
   * oci-archive:FILE` write it. The layers in the file may be compressed with gzip or zstd.
   * @param path Path of the file on this machine.
   */
  static ociArchive(path: string): Image {
    return new Image(path, 'oci-archive');
  }

  /**
   * A root file system in a tar file, as `machinectl export-tar` and `mmdebstrap` write it. The file may be compressed
   * with gzip, xz, zstd or bzip2, whose program must be installed on this machine. Sparse files are not supported.
   * Devices in `/dev` are left out, since each runtime provides its own.
   * @param path Path of the file on this machine.
   */
  static tar(path: string): Image {
    return new Image(path, 'tar');
  }

  /**
   * A directory on this machine that is the root file system of a system. Synthesis reads its files, directories and
   * symbolic links with their modes. On the host, root owns all of them.
   * @param path Path of the directory on this machine.
   */
  static directory(path: string): Image {
    return new Image(path, 'directory');
  }

  /**
   * A small Debian system with packages and their dependencies: `Image.debian('trixie', ['nginx'])`. mmdebstrap(1)
   * builds the system at synthesis, from the same mirror as this machine's apt, because a plan must know whether the
   * image has changed. The first build takes a minute or more. The result is kept in ~/.cache/bulkhead/images and used
   * again. To get newer versions of the packages, delete it there. A user other than root needs ranges of subordinate
   * user IDs for mmdebstrap.
   * @param suite Codename of a Debian release, such as `trixie`.
   * @param packages Names of packages. @default - none beside the small base system
   * @throws Error for an invalid name of a suite or package
   */
  static debian(suite: string, packages: readonly string[] = []): Image {
    const odd = [suite, ...packages].find((name) => typeof name !== 'string' || !/^[a-z0-9][a-z0-9.+-]*$/.test(name));
    if (odd !== undefined || !Array.isArray(packages))
      fail({
        action: 'install',
        value: odd ?? packages,
        problem: 'is not a name in Debian',
        expected: 'the codename of a release, and a list of names of packages',
        at: 'Image.debian',
      });
    return new Image(suite, 'debian', packages);
  }

  private constructor(
    /** Path on this machine, reference or suite, as given. */
    readonly source: string,
    readonly format: Format,
    /** Packages of a Debian image. */
    readonly packages: readonly string[] = [],
  ) {}

  /** @internal Checks that a runtime supports the format of an image. @throws Error */
  static check(image: unknown, formats: readonly Format[], at: string): Image {
    if (image instanceof Image && formats.includes(image.format)) return image;
    return fail({
      action: 'run image',
      value: image instanceof Image ? image.source : image,
      problem: image instanceof Image ? `has the format ${image.format}` : 'is not an Image',
      expected: formats.map((format) => MAKERS[format]).join(' or '),
      at,
    });
  }
}

import { fail } from '../problem';
import { checkReference } from './reference';

/** What an image can be. */
type Format = 'oci' | 'oci-archive' | 'tar' | 'directory' | 'debian';

/** How a user writes an image of each format. */
const MAKERS: Readonly<Record<Format, string>> = {
  oci: 'Image.oci(reference)',
  'oci-archive': 'Image.ociArchive(path)',
  tar: 'Image.tar(path)',
  directory: 'Image.directory(path)',
  debian: 'Image.debian(suite, packages)',
};

/** Formats of an image that is or can be made a file on this machine. */
export const FILE_FORMATS = ['oci-archive', 'tar', 'directory', 'debian'] as const satisfies readonly Format[];

/** An image, the same for whatever runs it: one that a registry has, or one in a file on this machine. */
export class Image {
  /**
   * An image of a registry, by its full reference: `docker.io/library/caddy:2`, or one with a digest,
   * `...@sha256:2f1c...`, which is always the same image. The host pulls it once. Podman and docker do so by themselves;
   * for all other classes skopeo(1) does, with the host's credentials (`skopeo login`, containers-auth.json(5)) and
   * settings (`insecure = true` in containers-registries.conf(5) for a registry without TLS).
   *
   * The image stays the same when its tag moves. `bulkhead plan --check-tags` asks registries whether tags have moved, and
   * `bulkhead apply --check-tags` pulls those images again; so does Terraform with BULKHEAD_CHECK_TAGS=1 in its environment.
   * It asks by skopeo(1), about images of all classes but those of podman, which has podman-auto-update(1), and those that
   * Terraform's docker provider pulls.
   * @throws Error for a reference without a registry, which means another image on each host
   */
  static oci(reference: string): Image {
    return new Image(checkReference(reference, 'Image.oci'), 'oci');
  }

  /**
   * One image in a tar file that is not compressed, such as `podman save`, `docker save`, `buildah push` or
   * `skopeo copy ... oci-archive:FILE` write it. Its layers may be compressed with gzip or zstd.
   */
  static ociArchive(path: string): Image {
    return new Image(path, 'oci-archive');
  }

  /**
   * A root file system in a tar file, such as `machinectl export-tar` or `mmdebstrap` write it: not compressed, or with
   * gzip, xz, zstd or bzip2, whose program must be installed on this machine. It has no sparse files, and devices in
   * `/dev` are left out, since whatever runs it has its own.
   */
  static tar(path: string): Image {
    return new Image(path, 'tar');
  }

  /**
   * A directory of this machine that is the root of a system, read at synthesis: its files, directories and symbolic
   * links with their modes. All of it is root's on the host.
   */
  static directory(path: string): Image {
    return new Image(path, 'directory');
  }

  /**
   * A small Debian system with packages and what they depend on: `Image.debian('trixie', ['nginx'])`. It is built at
   * synthesis by mmdebstrap(1) from where this machine's apt gets Debian, since a plan has to tell whether it changes: the
   * first time that takes a minute or more. It is kept in ~/.cache/bulkhead/images and used again until you remove it
   * there, which is how newer versions of the packages get in. Without root, mmdebstrap needs ranges of user IDs.
   * @param suite Codename of a release, such as `trixie`.
   * @throws Error for a name that is not one of a suite or package
   */
  static debian(suite: string, packages: readonly string[] = []): Image {
    const odd = [suite, ...packages].find((name) => typeof name !== 'string' || !/^[a-z0-9][a-z0-9.+-]*$/.test(name));
    if (odd !== undefined || !Array.isArray(packages))
      fail({
        action: 'install',
        value: odd ?? packages,
        problem: 'is not a name that Debian gives',
        expected: 'the codename of a release, and a list of names of packages',
        at: 'Image.debian',
      });
    return new Image(suite, 'debian', packages);
  }

  private constructor(
    /** Path on this machine, reference, or suite, as given. */
    readonly source: string,
    readonly format: Format,
    /** Packages of an image of Debian. */
    readonly packages: readonly string[] = [],
  ) {}

  /** @internal Checks that an image is of a format that a runtime takes. @throws Error */
  static check(image: unknown, formats: readonly Format[], at: string): Image {
    if (image instanceof Image && formats.includes(image.format)) return image;
    return fail({
      action: 'run image',
      value: image instanceof Image ? image.source : image,
      problem: image instanceof Image ? `is of format ${image.format}` : 'is not an Image',
      expected: formats.map((format) => MAKERS[format]).join(' or '),
      at,
    });
  }
}

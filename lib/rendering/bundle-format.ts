import type { HostAddress } from '../manifest/host';
import type { Manifest } from '../manifest/manifest';

/** Name of the index file of a bundle. */
export const INDEX = 'bundle.json';

/** Directory of a bundle that holds its assets, each under its digest. */
export const ASSETS = 'assets';

/** One host of a bundle. Its files lie in the bundle's directory `id`, at the paths that they have on the host. */
export interface BundleHost extends HostAddress {
  /** Construct ids below the stack, joined by `-`. */
  readonly id: string;
  /** Construct path. */
  readonly path: string;
  readonly manifests: readonly Manifest[];
}

/** A service that this rendering can't hold, and why. */
export interface Refusal {
  /** Construct path. */
  readonly path: string;
  readonly message: string;
}

/** A stack without Terraform: everything that its hosts need. */
export interface Bundle {
  /** The projectId of its cdktf.json. */
  readonly project?: string;
  readonly stack: string;
  /** Stacks that are to be applied before. */
  readonly dependencies?: readonly string[];
  readonly hosts: readonly BundleHost[];
  /** Not empty: the bundle is incomplete and must not be applied. */
  readonly refused?: readonly Refusal[];
}

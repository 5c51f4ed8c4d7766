import type { HostAddress } from '../manifest/host';
import type { Manifest } from '../manifest/manifest';

/** Name of the index file of a bundle. */
export const INDEX = 'bundle.json';

/** Directory of a bundle that holds its assets, each under its digest. */
export const ASSETS = 'assets';

/** One host of a bundle. Its files are in the bundle's directory `id`, at their paths on the host. */
export interface BundleHost extends HostAddress {
  /** Construct ids below the stack, joined by `-`. */
  readonly id: string;
  /** Construct path. */
  readonly path: string;
  readonly manifests: readonly Manifest[];
}

/** A service that a bundle can't contain, with the reason. */
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
  /** Stacks that must be applied first. */
  readonly dependencies?: readonly string[];
  /** Services on other hosts that must be applied first: their construct paths, by the construct path of a service. */
  readonly serviceDependencies?: Readonly<Record<string, readonly string[]>>;
  readonly hosts: readonly BundleHost[];
  /** Outputs that are known at synthesis, each as JSON, by the names that Terraform gives them. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** If it is not empty, the bundle is incomplete and must not be applied. */
  readonly refused?: readonly Refusal[];
}

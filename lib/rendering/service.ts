import type { IConstruct } from 'constructs';
import type { HostAddress } from '../manifest/host';
import type { Manifest } from '../manifest/manifest';

/** A file on this machine that goes to a host under its digest. */
export interface Asset {
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly file: string;
}

/** What the renderings need to know of a host. */
export interface RenderableHost extends IConstruct, HostAddress {
  /** Construct ids below the stack, joined by `-`. */
  readonly id: string;
  /** The project that its services belong to. */
  readonly project: string | undefined;
  readonly services: readonly Renderable[];
}

/** What the renderings need to know of a service. It is asked for at synthesis, when the tree is complete. */
export interface Renderable extends IConstruct {
  readonly host: RenderableHost;
  readonly manifest: Manifest;
  readonly assets: readonly Asset[];
  /** Values of secrets that only Terraform knows, by their names. They are in no manifest. */
  readonly secretValues?: Readonly<Record<string, string>>;
  /** Constructs whose Terraform resources must be there first. */
  readonly dependencies: readonly IConstruct[];
  /** The services among them, and below them. */
  servicesBefore(): readonly Renderable[];
}

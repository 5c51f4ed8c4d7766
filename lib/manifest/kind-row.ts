import type { FieldTable } from './fields';

/** What an object can be made from: a unit that makes it when it starts, an asset, or nothing but its `spec`. */
type Source = 'unit' | 'asset' | 'spec';

/** What everybody knows of one kind of object. How the engine makes one is in `engine/kinds/`. */
export interface KindRow {
  /** Word for one in messages. */
  readonly noun: string;
  /** Who has it, in messages: "podman has a volume of that name". */
  readonly holder: string;
  /** `user`: each user has objects of this kind of their own, and a service's objects are those of its user. */
  readonly scope: 'host' | 'user';
  /** What its names look like, as a pattern and in words. */
  readonly name: RegExp;
  readonly expected: string;
  readonly sources: readonly Source[];
  /**
   * Any number of services may have the same one, such as an image, which is the same for everyone. It is removed with
   * the last service that has it.
   */
  readonly shared?: true;
  /**
   * It is what a service runs and holds no data, such as an image. It stays on the host for as long as a previous
   * generation of the service that has it.
   */
  readonly content?: true;
  /** Its fields in `spec`, beside what each object has. */
  readonly spec: FieldTable;
}

/** A digest, or a name that is one. */
export const SHA256 = /^[0-9a-f]{64}$/;

import type { FieldTable } from './fields';

/** Sources of an object: a unit that creates it at its start, an asset, or only its `spec`. */
type Source = 'unit' | 'asset' | 'spec';

/** Common knowledge about one kind of object. The code that creates the object is in `engine/kinds/`. */
export interface KindRow {
  /** Word for an object of this kind in messages. */
  readonly noun: string;
  /** Who has the object, in messages: "podman has a volume of that name". */
  readonly holder: string;
  /** `user`: each user has their own objects of this kind, and a service uses the objects of its user. */
  readonly scope: 'host' | 'user';
  /** Form of its names, as a pattern and in words. */
  readonly name: RegExp;
  readonly expected: string;
  readonly sources: readonly Source[];
  /**
   * Any number of services can have the same object, such as an image. The object is removed with the last service that
   * has it.
   */
  readonly shared?: true;
  /**
   * The object is what a service runs, without data, such as an image or a network. It stays on the host as long as a
   * kept generation of a service has it.
   */
  readonly content?: true;
  /** An object with anything in it stays on the host when it is to be removed. */
  readonly onlyEmpty?: true;
  /** Fields of `spec`, in addition to the fields of every object. */
  readonly spec: FieldTable;
}

/** A digest, or a name that is one. */
export const SHA256 = /^[0-9a-f]{64}$/;

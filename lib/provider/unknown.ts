/** A value that Terraform will only know during apply, such as an attribute of a resource that does not exist yet. */
export const UNKNOWN: unique symbol = Symbol('known after apply');
export type Unknown = typeof UNKNOWN;

export function isUnknown(value: unknown): value is Unknown {
  return value === UNKNOWN;
}

/** A value of which any part may be unknown. */
export type MaybeUnknown<T> = Unknown | PartlyUnknown<T>;

/** A value that is there, but of which any part inside may be unknown. */
export type PartlyUnknown<T> = T extends string | number | boolean | null | undefined
  ? T
  : { readonly [K in keyof T]: MaybeUnknown<T[K]> };

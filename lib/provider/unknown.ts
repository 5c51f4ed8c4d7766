/** A value that Terraform knows only at apply, such as an attribute of a resource that does not exist yet. */
export const UNKNOWN: unique symbol = Symbol('known after apply');
export type Unknown = typeof UNKNOWN;

export function isUnknown(value: unknown): value is Unknown {
  return value === UNKNOWN;
}

/** A value that may be unknown, or have unknown parts. */
export type MaybeUnknown<T> = Unknown | PartlyUnknown<T>;

/** A known value that may have unknown parts. */
export type PartlyUnknown<T> = T extends string | number | boolean | null | undefined
  ? T
  : { readonly [K in keyof T]: MaybeUnknown<T[K]> };

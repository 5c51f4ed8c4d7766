/** The secret value of an object, or why it could not be read. */
export type Value =
  | { readonly bytes: Uint8Array; readonly problem?: undefined }
  | { readonly bytes?: undefined; readonly problem: string; readonly advice: string };

/** Secret values by the keys of their objects. */
export type Values = ReadonlyMap<string, Value>;

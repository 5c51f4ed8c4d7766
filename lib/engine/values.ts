/** What an object is to hold that must not be written down, or why that is not known. */
export type Value =
  | { readonly bytes: Uint8Array; readonly problem?: undefined }
  | { readonly bytes?: undefined; readonly problem: string; readonly advice: string };

/** Values by the keys of the objects of one service that are to hold them. */
export type Values = ReadonlyMap<string, Value>;

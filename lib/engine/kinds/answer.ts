/** A JSON document from a program of the host. */
export type Answer = Readonly<Record<string, unknown>>;

/** The fields of a part of such a document. Empty when the part is missing. */
export function fieldsOf(value: unknown): Answer {
  return typeof value === 'object' && value !== null ? (value as Answer) : {};
}

/** The value of a JSON text. Undefined when it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

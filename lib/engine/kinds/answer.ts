/** A document that a program of the host answers with. */
export type Answer = Readonly<Record<string, unknown>>;

/** The fields of a part of such a document; none when it is missing. */
export function fieldsOf(value: unknown): Answer {
  return typeof value === 'object' && value !== null ? (value as Answer) : {};
}

/** What a text in JSON says; undefined when it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { ObjectPart } from '../../manifest';

/** The settings of a network or volume in podman, as fields of its kind. A list has one value per line. */
export type Content = Readonly<Record<string, string>>;

/** Reads JSON of podman. Anything else gives no fields, since a user may have replaced the podman program. */
export function readContent(text: string, fields: (json: Json) => Content): Content {
  try {
    const json: unknown = JSON.parse(text);
    return fields(recordIn(json));
  } catch {
    return {};
  }
}

export type Json = Readonly<Record<string, unknown>>;

export function recordIn(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

export function listIn(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(recordIn) : [];
}

export const textIn = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

/** Options and labels, as `key=value`. */
export function pairsIn(value: unknown): string {
  return Object.entries(recordIn(value))
    .map(([key, text]) => `${key}=${textIn(text)}`)
    .join('\n');
}

/** How an object differs from what is wanted. It may have additional subnets, options and labels. */
export function contentDiffers(actual: Content, { spec = {} }: ObjectPart): string | undefined {
  for (const [field, wanted] of Object.entries(spec)) {
    const said: unknown = actual[field];
    const values = typeof said === 'string' ? said.split('\n') : undefined;
    const missing = wanted.split('\n').find((value) => values && !values.includes(value));
    if (missing === undefined) continue;
    const has = values?.filter(Boolean).join(', ');
    return `has ${has ? `${field} ${has}` : `no ${field}`}, expected ${missing || 'none'}`;
  }
  return undefined;
}

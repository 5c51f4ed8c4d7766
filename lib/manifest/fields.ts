/**
 * One field of a manifest. A table of fields is the single source of a part's TypeScript type, its Terraform
 * schema, its validation and its documentation.
 */
export interface Field {
  readonly type: 'string' | 'bool' | 'strings' | 'map';
  readonly optional?: true;
  /** The only values allowed. */
  readonly values?: readonly string[];
  /** Pattern of a string, or of each string in a list. */
  readonly pattern?: RegExp;
  /** The string is a JSON object. */
  readonly json?: true;
  /** One sentence; it becomes the attribute's description in the Terraform schema. */
  readonly doc: string;
}
export type FieldTable = Readonly<Record<string, Field>>;

interface Types {
  string: string;
  bool: boolean;
  strings: readonly string[];
  map: Readonly<Record<string, string>>;
}
type ValueOf<F extends Field> = F extends { values: readonly (infer V)[] } ? V : Types[F['type']];
type OptionalKeys<T extends FieldTable> = { [K in keyof T]: T[K] extends { optional: true } ? K : never }[keyof T];

/** The object type that a field table describes. */
export type FieldsOf<T extends FieldTable> = {
  readonly [K in Exclude<keyof T, OptionalKeys<T>>]: ValueOf<T[K]>;
} & { readonly [K in OptionalKeys<T>]?: ValueOf<T[K]> };

/** A problem with a value: its place (`files["/etc/x"].mode`) and what is wrong with it. */
export interface Problem {
  readonly at: readonly string[];
  readonly message: string;
}

/** Checks an object against its field table. Returns every problem. Empty if the object is valid. */
export function checkFields(
  table: FieldTable,
  value: Readonly<Record<string, unknown>>,
  at: readonly string[],
): Problem[] {
  const problems: Problem[] = [];
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(table, key) && value[key] !== undefined)
      problems.push({ at: [...at, key], message: `unknown field, expected one of ${Object.keys(table).join(', ')}` });
  }
  for (const [key, field] of Object.entries(table)) {
    const message = problemOf(field, value[key]);
    if (message) problems.push({ at: [...at, key], message });
  }
  return problems;
}

function problemOf(field: Field, value: unknown): string | undefined {
  if (value === undefined || value === null) return field.optional ? undefined : 'is missing';
  switch (field.type) {
    case 'string':
      return typeof value === 'string' ? problemOfString(field, value) : `is ${typeof value}, expected a string`;
    case 'bool':
      return typeof value === 'boolean' ? undefined : `is ${typeof value}, expected true or false`;
    case 'strings':
      if (!Array.isArray(value) || value.some((v) => typeof v !== 'string')) return 'expected a list of strings';
      return value.map((v) => problemOfString(field, v)).find((message) => message);
    case 'map':
      if (typeof value !== 'object' || Object.values(value).some((v) => typeof v !== 'string'))
        return 'expected a map of strings';
      return undefined;
  }
}

function problemOfString(field: Field, value: string): string | undefined {
  if (field.values && !field.values.includes(value)) return `is "${value}", expected one of ${field.values.join(', ')}`;
  if (field.pattern && !field.pattern.test(value)) return `is "${value}", expected ${field.pattern.source}`;
  return field.json && !isObjectInJson(value) ? 'is not an object in JSON' : undefined;
}

function isObjectInJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

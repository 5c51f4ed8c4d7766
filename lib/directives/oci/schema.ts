/** What a value of a JSON document must be. A schema is both the type of the value and its check. */
export type Schema = Text | Integer | Bool | List | Table | Fields;

interface Text {
  readonly kind: 'text';
  /** The only allowed texts. */
  readonly values?: readonly string[];
  readonly pattern?: RegExp;
}
interface Integer {
  readonly kind: 'integer';
  readonly min: number;
}
interface Bool {
  readonly kind: 'boolean';
}
interface List {
  readonly kind: 'list';
  readonly of: Schema;
}
/** An object with any names. */
interface Table {
  readonly kind: 'table';
  readonly of: Schema;
}
/** An object with only these names. */
export interface Fields {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
}

/** The type of the values that fit a schema. */
export type ValueOf<S> = S extends { kind: 'text'; values: readonly (infer V)[] }
  ? V
  : S extends { kind: 'text' }
    ? string
    : S extends { kind: 'integer' }
      ? number
      : S extends { kind: 'boolean' }
        ? boolean
        : S extends { kind: 'list'; of: infer Item }
          ? readonly ValueOf<Item>[]
          : S extends { kind: 'table'; of: infer Item }
            ? Readonly<Record<string, ValueOf<Item>>>
            : S extends { kind: 'object'; fields: infer F; required: readonly (infer R)[] }
              ? ObjectOf<F, R>
              : never;

export type ObjectOf<F, R> = { readonly [K in keyof F as K extends R ? K : never]: ValueOf<F[K]> } & {
  readonly [K in keyof F as K extends R ? never : K]?: ValueOf<F[K]>;
};

export const text = { kind: 'text' } as const;
export const bool = { kind: 'boolean' } as const;
/** An integer from 0 on. */
export const unsigned = { kind: 'integer', min: 0 } as const;
export const integer = { kind: 'integer', min: Number.MIN_SAFE_INTEGER } as const;
export const oneOf = <const V extends readonly string[]>(...values: V) => ({ kind: 'text', values }) as const;
export const like = (pattern: RegExp) => ({ kind: 'text', pattern }) as const;
export const list = <const S extends Schema>(of: S) => ({ kind: 'list', of }) as const;
export const table = <const S extends Schema>(of: S) => ({ kind: 'table', of }) as const;
export const object = <const F extends Readonly<Record<string, Schema>>, const R extends readonly (keyof F & string)[]>(
  fields: F,
  ...required: R
) => ({ kind: 'object', fields, required }) as const;

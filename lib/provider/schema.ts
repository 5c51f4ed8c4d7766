import type { Outgoing } from './messages';

/** The type of a plain attribute. */
export type ValueType = 'string' | 'number' | 'bool' | readonly ['list' | 'set' | 'map', ValueType];

interface AttributeFlags {
  /** One sentence, shown in the provider's documentation. */
  readonly description: string;
  /** The user must set it. */
  readonly required?: boolean;
  /** The user may set it. */
  readonly optional?: boolean;
  /** The provider sets it; together with `optional`, only if the user did not. */
  readonly computed?: boolean;
  /** Terraform hides the value in its output. It still lies in the state in clear text. */
  readonly sensitive?: boolean;
  /** Reaches the provider in `config` and is kept neither in plan nor state. Needs Terraform 1.11. */
  readonly writeOnly?: boolean;
  /** A change of it destroys the object and creates a new one. Not inside of a list or map. */
  readonly requiresReplace?: boolean;
}

/** An attribute that holds a plain value. */
export interface PlainAttribute extends AttributeFlags {
  readonly type: ValueType;
}

/** An attribute that holds an object, a list of objects, or a map of them, each with attributes of its own. */
export interface NestedAttribute extends AttributeFlags {
  readonly nesting: 'single' | 'list' | 'map';
  readonly attributes: Attributes;
}

export type Attribute = PlainAttribute | NestedAttribute;
export type Attributes = Readonly<Record<string, Attribute>>;

/** What a resource looks like to Terraform. */
export interface Schema {
  /** Raise it when a state written by an older version must be converted, and add the step to `upgrade`. Default 0. */
  readonly version?: number;
  readonly description: string;
  readonly attributes: Attributes;
}

export function isNested(attribute: Attribute): attribute is NestedAttribute {
  return 'nesting' in attribute;
}

const NESTING = { single: 1, list: 2, map: 4 } as const;

/** The schema as the plugin protocol wants it. */
export function schemaMessage(schema: Schema): Outgoing<'Schema'> {
  return {
    version: schema.version ?? 0,
    block: { attributes: attributeMessages(schema.attributes), description: schema.description },
  };
}

function attributeMessages(attributes: Attributes): Outgoing<'Attribute'>[] {
  return Object.entries(attributes).map(([name, attribute]) => ({
    name,
    description: attribute.description,
    required: attribute.required ?? false,
    optional: attribute.optional ?? false,
    computed: attribute.computed ?? false,
    sensitive: attribute.sensitive ?? false,
    writeOnly: attribute.writeOnly ?? false,
    ...(isNested(attribute)
      ? { nestedType: { attributes: attributeMessages(attribute.attributes), nesting: NESTING[attribute.nesting] } }
      : { type: Buffer.from(JSON.stringify(attribute.type)) }),
  }));
}

// Without the second, Terraform would ask each of the processes that it starts for one command for the schema anew.
export const CAPABILITIES = { planDestroy: true, getProviderSchemaOptional: true };

/** What a provider with these resources, by type, answers when Terraform asks for its schema. */
export function schemaAnswer(
  resources: Readonly<Record<string, { readonly schema: Schema }>>,
): Outgoing<'GetProviderSchemaResponse'> {
  const schemas = Object.entries(resources).map(([type, { schema }]) => [type, schemaMessage(schema)]);
  return {
    serverCapabilities: CAPABILITIES,
    provider: schemaMessage({ description: '', attributes: {} }),
    resourceSchemas: Object.fromEntries(schemas),
  };
}

/** Paths of all attributes that are flagged `requiresReplace`. */
export function replacePaths(attributes: Attributes): string[][] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const inside = isNested(attribute) && attribute.nesting === 'single' ? replacePaths(attribute.attributes) : [];
    return [...(attribute.requiresReplace ? [[name]] : []), ...inside.map((path) => [name, ...path])];
  });
}

/** The attributes that plan and state have: all but the write-only ones. */
export function keptAttributes(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, attribute]) => !attribute.writeOnly)
      .map(([name, attribute]) => [
        name,
        isNested(attribute) ? { ...attribute, attributes: keptAttributes(attribute.attributes) } : attribute,
      ]),
  );
}

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
  /** The provider sets it. Together with `optional`, only if the user did not. */
  readonly computed?: boolean;
  /** Terraform hides the value in its output. The state still has it in clear text. */
  readonly sensitive?: boolean;
  /** The provider gets it in `config`. Neither plan nor state keeps it. Needs Terraform 1.11. */
  readonly writeOnly?: boolean;
  /** A change destroys the object and creates a new one. Not for attributes inside a list or map. */
  readonly requiresReplace?: boolean;
}

/** An attribute with a plain value. */
export interface PlainAttribute extends AttributeFlags {
  readonly type: ValueType;
}

/** An attribute with an object, a list of objects or a map of objects, each with its own attributes. */
export interface NestedAttribute extends AttributeFlags {
  readonly nesting: 'single' | 'list' | 'map';
  readonly attributes: Attributes;
}

export type Attribute = PlainAttribute | NestedAttribute;
export type Attributes = Readonly<Record<string, Attribute>>;

/** The schema of a resource. */
export interface Schema {
  /** Raise it when a state of an older version must be converted, and add the step to `upgrade`. @default 0 */
  readonly version?: number;
  readonly description: string;
  readonly attributes: Attributes;
}

export function isNested(attribute: Attribute): attribute is NestedAttribute {
  return 'nesting' in attribute;
}

const NESTING = { single: 1, list: 2, map: 4 } as const;

/** The schema for the plugin protocol. */
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

// Without getProviderSchemaOptional, Terraform would ask each process that it starts for one command for the schema
// again.
export const CAPABILITIES = { planDestroy: true, getProviderSchemaOptional: true };

/** The provider's answer when Terraform asks for its schema. */
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

/** Attributes of plan and state: all except write-only ones. */
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

/**
 * Messages of the Terraform plugin protocol 6: field numbers, types and rules. Both the codec and the TypeScript types
 * follow from this table, so they always agree. It lists only the fields that this provider reads or writes. A decoder
 * skips all others.
 *
 * `int64` and enums are written as `int32` here. On the wire all three are the same varint, no used value exceeds 2^31,
 * and a JavaScript number needs no wrapper.
 */
export const MESSAGES = {
  Empty: {},
  DynamicValue: { msgpack: [1, 'bytes'], json: [2, 'bytes'] },
  Diagnostic: {
    severity: [1, 'int32'],
    summary: [2, 'string'],
    detail: [3, 'string'],
    attribute: [4, 'AttributePath'],
  },
  AttributePath: { steps: [1, 'AttributePathStep', 'repeated'] },
  AttributePathStep: {
    attributeName: [1, 'string', 'oneof'],
    elementKeyString: [2, 'string', 'oneof'],
    elementKeyInt: [3, 'int32', 'oneof'],
  },
  RawState: { json: [1, 'bytes'] },
  Schema: { version: [1, 'int32'], block: [2, 'Block'] },
  Block: { attributes: [2, 'Attribute', 'repeated'], description: [4, 'string'] },
  Attribute: {
    name: [1, 'string'],
    type: [2, 'bytes'],
    description: [3, 'string'],
    required: [4, 'bool'],
    optional: [5, 'bool'],
    computed: [6, 'bool'],
    sensitive: [7, 'bool'],
    nestedType: [10, 'ObjectType'],
    writeOnly: [11, 'bool'],
  },
  ObjectType: { attributes: [1, 'Attribute', 'repeated'], nesting: [3, 'int32'] },
  ServerCapabilities: { planDestroy: [1, 'bool'], getProviderSchemaOptional: [2, 'bool'] },
  ClientCapabilities: { writeOnlyAttributesAllowed: [2, 'bool'] },
  ResourceMetadata: { typeName: [1, 'string'] },

  GetMetadataRequest: {},
  GetMetadataResponse: {
    serverCapabilities: [1, 'ServerCapabilities'],
    resources: [4, 'ResourceMetadata', 'repeated'],
  },
  GetProviderSchemaRequest: {},
  GetProviderSchemaResponse: {
    provider: [1, 'Schema'],
    resourceSchemas: [2, 'Schema', 'map'],
    serverCapabilities: [6, 'ServerCapabilities'],
  },
  ValidateProviderConfigRequest: {},
  ValidateProviderConfigResponse: {},
  ConfigureProviderRequest: { terraformVersion: [1, 'string'] },
  ConfigureProviderResponse: { diagnostics: [1, 'Diagnostic', 'repeated'] },
  ValidateResourceConfigRequest: {
    typeName: [1, 'string'],
    config: [2, 'DynamicValue'],
    clientCapabilities: [3, 'ClientCapabilities'],
  },
  ValidateResourceConfigResponse: { diagnostics: [1, 'Diagnostic', 'repeated'] },
  UpgradeResourceStateRequest: { typeName: [1, 'string'], version: [2, 'int32'], rawState: [3, 'RawState'] },
  UpgradeResourceStateResponse: { upgradedState: [1, 'DynamicValue'], diagnostics: [2, 'Diagnostic', 'repeated'] },
  ReadResourceRequest: { typeName: [1, 'string'], currentState: [2, 'DynamicValue'], private: [3, 'bytes'] },
  ReadResourceResponse: {
    newState: [1, 'DynamicValue'],
    diagnostics: [2, 'Diagnostic', 'repeated'],
    private: [3, 'bytes'],
  },
  PlanResourceChangeRequest: {
    typeName: [1, 'string'],
    priorState: [2, 'DynamicValue'],
    proposedNewState: [3, 'DynamicValue'],
    config: [4, 'DynamicValue'],
    priorPrivate: [5, 'bytes'],
  },
  PlanResourceChangeResponse: {
    plannedState: [1, 'DynamicValue'],
    requiresReplace: [2, 'AttributePath', 'repeated'],
    plannedPrivate: [3, 'bytes'],
    diagnostics: [4, 'Diagnostic', 'repeated'],
  },
  ApplyResourceChangeRequest: {
    typeName: [1, 'string'],
    priorState: [2, 'DynamicValue'],
    plannedState: [3, 'DynamicValue'],
    config: [4, 'DynamicValue'],
    plannedPrivate: [5, 'bytes'],
  },
  ApplyResourceChangeResponse: {
    newState: [1, 'DynamicValue'],
    private: [2, 'bytes'],
    diagnostics: [3, 'Diagnostic', 'repeated'],
  },
  ImportResourceStateRequest: { typeName: [1, 'string'], id: [2, 'string'] },
  ImportedResource: { typeName: [1, 'string'], state: [2, 'DynamicValue'], private: [3, 'bytes'] },
  ImportResourceStateResponse: {
    importedResources: [1, 'ImportedResource', 'repeated'],
    diagnostics: [2, 'Diagnostic', 'repeated'],
  },
  StopProviderRequest: {},
  StopProviderResponse: {},
} as const satisfies Record<string, Record<string, FieldRow>>;

/**
 * Field number, type (a scalar or the name of a message), and a rule. The rule marks a list, a map with string keys, or
 * a `oneof`: exactly one of its fields is sent, even if it is empty.
 */
export type FieldRow = readonly [number: number, type: string, rule?: 'repeated' | 'map' | 'oneof'];
export type MessageName = keyof typeof MESSAGES;

/** A call of the protocol: it has a request and a response. */
export type Method<M = MessageName> = M extends `${infer Name}Request` ? Name : never;

/** The HTTP path of a call. */
export function pathOf(method: Method): string {
  return `/tfplugin6.Provider/${method}`;
}

/** All calls of the protocol that the provider answers. */
export const METHODS = Object.keys(MESSAGES).flatMap((name) =>
  name.endsWith('Request') ? [name.slice(0, -'Request'.length) as Method] : [],
);

interface Scalars {
  string: string;
  bytes: Uint8Array;
  bool: boolean;
  int32: number;
}
type Rule<Row, Value> = Row extends readonly [number, string, 'repeated']
  ? readonly Value[]
  : Row extends readonly [number, string, 'map']
    ? Readonly<Record<string, Value>>
    : Value;
type Fields<M extends MessageName> = (typeof MESSAGES)[M];

/** A message to send. A field that is left out, null or undefined gets its type's empty value. */
export type Outgoing<M extends MessageName> = {
  readonly [F in keyof Fields<M>]?: Fields<M>[F] extends readonly [number, infer T, unknown?]
    ?
        | Rule<Fields<M>[F], T extends keyof Scalars ? Scalars[T] : T extends MessageName ? Outgoing<T> : never>
        | null
        | undefined
    : never;
};

/** A received message. Scalars and lists always exist. A message that was not sent is null. */
export type Incoming<M extends MessageName> = {
  readonly [F in keyof Fields<M>]: Fields<M>[F] extends readonly [number, infer T, unknown?]
    ? Rule<Fields<M>[F], T extends keyof Scalars ? Scalars[T] : T extends MessageName ? Incoming<T> | null : never>
    : never;
};

import { type Field, type FieldTable, mapValues, SERVICE } from '../manifest';
import { attributeName, HOST, MAPS, SECRET_VALUES } from '../manifest/terraform';
import type { Attributes, Schema, ValueType } from './schema';

/** The attributes of a service that the user writes, as Terraform passes them on. */
export type Config = Readonly<Record<string, unknown>>;
/** The attributes that the provider fills in. */
export type Computed = { readonly drift: readonly string[]; readonly impact: readonly string[] };

const TYPES: Record<Field['type'], ValueType> = {
  string: 'string',
  bool: 'bool',
  strings: ['list', 'string'],
  map: ['map', 'string'],
};

/** Attributes for the fields of a table. */
function attributesOf(table: FieldTable, replacing: readonly string[] = []): Attributes {
  return Object.fromEntries(
    Object.entries(table).map(([key, field]) => [
      attributeName(key),
      {
        type: TYPES[field.type],
        description: field.doc,
        ...(field.optional ? { optional: true } : { required: true }),
        ...(replacing.includes(key) && { requiresReplace: true }),
      },
    ]),
  );
}

const DESCRIPTIONS: Readonly<Record<keyof typeof MAPS, string>> = {
  files: 'Files on the host, by path.',
  units: 'systemd units, by name.',
  objects: 'Objects that are neither files nor units, such as images, volumes and users, by kind and name.',
  requires: 'Programs that the host must have, by name.',
};

/** The schema of a `bulkhead_service`: the fields of the manifest, and the host. */
export const SERVICE_SCHEMA: Schema = {
  description: 'A service on a Linux host, with its files, units and objects.',
  attributes: {
    host: {
      nesting: 'single',
      required: true,
      attributes: attributesOf(HOST, ['address']),
      description: 'The host that the service runs on.',
    },
    ...attributesOf(SERVICE, ['name', 'user']),
    ...mapValues(
      MAPS,
      (table, name) =>
        ({
          nesting: 'map',
          optional: true,
          attributes: attributesOf(table),
          description: DESCRIPTIONS[name as keyof typeof MAPS],
        }) as const,
    ),
    [SECRET_VALUES]: {
      type: ['map', 'string'],
      optional: true,
      sensitive: true,
      writeOnly: true,
      description: 'Values of secrets that only Terraform knows, by their names. They are not in the state.',
    },
    drift: {
      type: ['list', 'string'],
      computed: true,
      description: 'Differences on the host from the applied service, in words. Empty when the host matches.',
    },
    impact: {
      type: ['list', 'string'],
      computed: true,
      description:
        'Effects of a change on units and data, the most serious first: data loss, re-create, stop, restart, start, reload. Empty for a new service.',
    },
  },
};

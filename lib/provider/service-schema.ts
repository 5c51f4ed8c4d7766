import { type Field, type FieldTable, PARTS, type PartKind, SERVICE } from '../manifest';
import { attributeName, HOST } from '../manifest/terraform';
import type { Attributes, Schema, ValueType } from './schema';

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

const DESCRIPTIONS: Record<PartKind, string> = {
  files: 'Files on the host, by path.',
  images: 'Images that the host holds, by the name they have there.',
  objects: 'Networks, volumes and images of podman, and network interfaces, that its units make.',
  units: 'systemd units, by name.',
  users: 'Users that run services without root, by name.',
};

/** What a `bulkhead_service` looks like to Terraform: the manifest as it is, and the host. */
export const SERVICE_SCHEMA: Schema = {
  description: 'A service on a Linux host, with the files, images and units that it consists of.',
  attributes: {
    host: {
      nesting: 'single',
      required: true,
      attributes: attributesOf(HOST, ['address']),
      description: 'The host that the service runs on.',
    },
    ...attributesOf(SERVICE, ['name', 'user']),
    ...Object.fromEntries(
      (Object.keys(PARTS) as PartKind[]).map((kind) => [
        kind,
        {
          nesting: 'map',
          optional: true,
          attributes: attributesOf(PARTS[kind]),
          description: DESCRIPTIONS[kind],
        } as const,
      ]),
    ),
    drift: {
      type: ['list', 'string'],
      computed: true,
      description: 'What differs on the host from what was applied, in words. Empty when it matches.',
    },
    impact: {
      type: ['list', 'string'],
      computed: true,
      description:
        'What a change does to units and data, the gravest first: data loss, re-create, stop, restart, start, reload. Empty for what is new.',
    },
  },
};

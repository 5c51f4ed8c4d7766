import type { FieldTable } from './fields';
import type { HostAddress } from './host';
import { type Manifest, PARTS, SERVICE } from './manifest';
import { mapValues } from './map-values';
import { REQUIREMENT } from './parts';

/**
 * Where Terraform looks for the provider: host, namespace and type. A host below `.invalid` never resolves, so nobody
 * else can ever answer for it.
 */
export const PROVIDER_SOURCE = 'terraform.bulkhead.invalid/bulkhead/bulkhead';

/** Attributes of the `host` block, in the same form as a part's. */
export const HOST = {
  address: {
    type: 'string',
    doc: 'How the host is reached: `local`, `ssh://[user@]host[:port]`, `machine://name` or `lab[:name]`.',
  },
  sshOptions: { type: 'strings', optional: true, doc: 'Options for the OpenSSH client, each `Key=value`.' },
} as const satisfies FieldTable;

/** Attribute with the values of secrets that only Terraform knows, by their names. It is in no state. */
export const SECRET_VALUES = 'secret_values';

/** Attributes that are maps of objects, each with the fields of its table. */
export const MAPS = { ...PARTS, requires: REQUIREMENT } as const;
type MapName = keyof typeof MAPS;
const MAP_NAMES = Object.keys(MAPS) as readonly MapName[];

/** A service and the host it belongs on: what one `bulkhead_service` resource says. */
export interface ServiceConfig {
  readonly host: HostAddress;
  readonly manifest: Manifest;
}

/** Attributes of a resource as Terraform knows them. An optional one that is not set is absent or null. */
export type Attributes = Readonly<Record<string, unknown>>;

// There are few fields, and each service has them.
const names = new Map<string, string>();

/** The Terraform name of a field: `restartOn` is `restart_on`. */
export function attributeName(field: string): string {
  const name = names.get(field) ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  names.set(field, name);
  return name;
}

/** Writes a service as the attributes of a `bulkhead_service`. The inverse of {@link fromTerraform}. */
export function toTerraform({ host, manifest }: ServiceConfig): Attributes {
  return {
    host: write(HOST, host),
    ...write(SERVICE, manifest),
    ...Object.fromEntries(
      MAP_NAMES.flatMap((name) => {
        const parts: Readonly<Record<string, object>> = manifest[name] ?? {};
        return Object.keys(parts).length > 0 ? [[name, mapValues(parts, (part) => write(MAPS[name], part))]] : [];
      }),
    ),
  };
}

/** Reads a service from the attributes of a `bulkhead_service`. Computed attributes are left out. */
export function fromTerraform(attributes: Attributes): ServiceConfig {
  const parts = MAP_NAMES.flatMap((name) => {
    const given = (attributes[name] ?? {}) as Readonly<Record<string, Attributes>>;
    // The manifest always has its parts, and names what it requires only if there is something.
    if (!(name in PARTS) && Object.keys(given).length === 0) return [];
    return [[name, mapValues(given, (part) => read(MAPS[name], part))]];
  });
  const manifest = { ...read(SERVICE, attributes), ...Object.fromEntries(parts) };
  return { host: read(HOST, attributes.host as Attributes) as unknown as HostAddress, manifest: manifest as Manifest };
}

function write(table: FieldTable, object: object): Attributes {
  return pick(table, object as Attributes, (field) => field, attributeName);
}

function read(table: FieldTable, attributes: Attributes): Attributes {
  return pick(table, attributes, attributeName, (field) => field);
}

type Naming = (field: string) => string;

function pick(table: FieldTable, from: Attributes, source: Naming, target: Naming): Attributes {
  const picked: Record<string, unknown> = {};
  for (const field of Object.keys(table)) {
    const value = from[source(field)];
    if (value !== undefined && value !== null) picked[target(field)] = value;
  }
  return picked;
}

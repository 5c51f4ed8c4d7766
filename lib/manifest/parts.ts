import type { FieldsOf, FieldTable } from './fields';

const SHA256 = /^[0-9a-f]{64}$/;

/** One file on the host, keyed by its absolute path. It has `content`, or for large files `asset`. */
export const FILE = {
  content: { type: 'string', optional: true, doc: 'Text of the file.' },
  asset: { type: 'string', optional: true, pattern: SHA256, doc: 'SHA-256 of the asset that is the file.' },
  mode: { type: 'string', pattern: /^[0-7]{4}$/, doc: 'Permissions as four octal digits, such as 0644.' },
  owner: { type: 'string', doc: 'User that owns the file.' },
  group: { type: 'string', doc: 'Group that owns the file.' },
} as const satisfies FieldTable;
export type FilePart = FieldsOf<typeof FILE>;

/**
 * An image that the host holds, keyed by the name under which it lies there: a reference in podman's store
 * (`localhost/web:2f1c...`), or the directory that a machine's root is unpacked to.
 */
export const IMAGE = {
  store: { type: 'string', values: ['podman', 'machines'], doc: 'Where the image is kept on the host.' },
  format: { type: 'string', values: ['oci-archive', 'tar'], doc: 'What the asset is.' },
  asset: { type: 'string', pattern: SHA256, doc: 'SHA-256 of the archive.' },
  id: { type: 'string', optional: true, pattern: SHA256, doc: "Image ID: the digest of the image's configuration." },
  retain: {
    type: 'bool',
    optional: true,
    doc: 'Left on the host when the service goes, because it holds data. Not set: removed when the service is destroyed, but never to replace it.',
  },
} as const satisfies FieldTable;
export type ImagePart = FieldsOf<typeof IMAGE>;

/**
 * Something that a unit makes when it starts, keyed by its kind and name: in podman's store `network:shop`,
 * `volume:data`, `image:docker.io/library/caddy:2`; a network interface `link:br0`. It must be there for as long as the
 * unit is active.
 */
export const OBJECT = {
  unit: { type: 'string', doc: 'Unit that makes it.' },
  retain: { type: 'bool', optional: true, doc: 'Left on the host when the service goes, because it holds data.' },
} as const satisfies FieldTable;
export type ObjectPart = FieldsOf<typeof OBJECT>;

/**
 * A system user, keyed by its name, who runs services without root: with ranges of subordinate IDs that no other user
 * has, and a systemd of its own that runs from boot on.
 */
export const USER = {
  home: { type: 'string', pattern: /^(?:\/[A-Za-z0-9_.-]+)+$/, doc: "The user's home directory." },
} as const satisfies FieldTable;
export type UserPart = FieldsOf<typeof USER>;

/** A systemd unit, keyed by its name. */
export const UNIT = {
  state: { type: 'string', optional: true, doc: 'State to keep the unit in: active. Not set: left alone.' },
  enabled: { type: 'bool', optional: true, doc: 'Whether it starts at boot. Not set: its generator decides.' },
  restartOn: { type: 'strings', doc: 'Files and images of this service that it reads when it starts.' },
  triggers: { type: 'map', optional: true, doc: 'Other values that restart it when they change.' },
  mountPoints: {
    type: 'strings',
    optional: true,
    pattern: /^\/[^\0\n\p{Surrogate}]+$/u,
    doc: 'Paths that systemd makes on the host when it starts, if they are missing, to mount something there for it.',
  },
} as const satisfies FieldTable;
export type UnitPart = FieldsOf<typeof UNIT>;

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
 * Something on a host that is neither a file nor a unit, keyed by its kind and name: `podman-volume:data`,
 * `machine-root:/var/lib/machines/web`, `user:shop`. What a unit makes must be there for as long as the unit is active.
 */
export const OBJECT = {
  unit: { type: 'string', optional: true, doc: 'Unit that makes it when it starts.' },
  asset: { type: 'string', optional: true, pattern: SHA256, doc: 'SHA-256 of the asset that it is made from.' },
  retain: {
    type: 'bool',
    optional: true,
    doc: 'Left on the host when the service goes, because it holds data. Not set: removed when the service is destroyed.',
  },
  spec: { type: 'map', optional: true, doc: 'What else describes it: the fields of its kind.' },
} as const satisfies FieldTable;
export type ObjectPart = FieldsOf<typeof OBJECT>;

/** A program that the host must have, keyed by its name. */
export const REQUIREMENT = {
  least: {
    type: 'string',
    optional: true,
    pattern: /^\d+(?:\.\d+)*$/,
    doc: 'Least version that will do. Not set: any.',
  },
  why: { type: 'string', doc: 'What needs it, as it completes a sentence: `for Quadlet`.' },
} as const satisfies FieldTable;
export type Requirement = FieldsOf<typeof REQUIREMENT>;

/** A systemd unit, keyed by its name. */
export const UNIT = {
  state: {
    type: 'string',
    optional: true,
    pattern: /^(?:active|done)$/,
    doc: 'What the unit is to be: active, or a job that is done, once per change of what it reads. Not set: left alone.',
  },
  settle: {
    type: 'string',
    optional: true,
    pattern: /^\d{1,4}$/,
    doc: 'Seconds that it must stay up after a start to count as started, 0 if its start waits for its health. Not set: 6.',
  },
  enabled: { type: 'bool', optional: true, doc: 'Whether it starts at boot. Not set: its generator decides.' },
  restartOn: { type: 'strings', doc: 'Files and objects of this service that it reads when it starts.' },
  reloadOn: {
    type: 'strings',
    optional: true,
    doc: 'Files of this service that it reads when it starts, and again when it is reloaded: a change restarts nothing.',
  },
  triggers: { type: 'map', optional: true, doc: 'Other values that restart it when they change.' },
  mountPoints: {
    type: 'strings',
    optional: true,
    pattern: /^\/[^\0\n\p{Surrogate}]+$/u,
    doc: 'Paths that systemd makes on the host when it starts, if they are missing, to mount something there for it.',
  },
} as const satisfies FieldTable;
export type UnitPart = FieldsOf<typeof UNIT>;

import type { FieldsOf, FieldTable } from './fields';

const SHA256 = /^[0-9a-f]{64}$/;

/** One file on the host, keyed by its absolute path. It has `content`, or for large files `asset`. */
export const FILE = {
  content: { type: 'string', optional: true, doc: 'Text of the file.' },
  asset: { type: 'string', optional: true, pattern: SHA256, doc: 'SHA-256 of the asset with the content of the file.' },
  mode: { type: 'string', pattern: /^[0-7]{4}$/, doc: 'Permissions as four octal digits, such as 0644.' },
  owner: { type: 'string', doc: 'User that owns the file.' },
  group: { type: 'string', doc: 'Group that owns the file.' },
  inPlace: {
    type: 'bool',
    optional: true,
    doc: 'Whether its content is written into the file that is there, so that whoever has the file mounted sees it. Not set: another file takes its place at once.',
  },
} as const satisfies FieldTable;
export type FilePart = FieldsOf<typeof FILE>;

/**
 * Something on a host that is neither a file nor a unit, keyed by its kind and name: `podman-volume:data`,
 * `machine-root:/var/lib/machines/web`, `user:shop`. What a unit makes must be there for as long as the unit is active.
 */
export const OBJECT = {
  unit: { type: 'string', optional: true, doc: 'Unit that creates the object when it starts.' },
  asset: { type: 'string', optional: true, pattern: SHA256, doc: 'SHA-256 of the asset that the object is made from.' },
  retain: {
    type: 'bool',
    optional: true,
    doc: 'Keep the object on the host when the service is destroyed, because it holds data. Not set: it is removed.',
  },
  spec: { type: 'map', optional: true, doc: 'Further fields of the object, which depend on its kind.' },
} as const satisfies FieldTable;
export type ObjectPart = FieldsOf<typeof OBJECT>;

/** A program that the host must have, keyed by its name. */
export const REQUIREMENT = {
  least: {
    type: 'string',
    optional: true,
    pattern: /^\d+(?:\.\d+)*$/,
    doc: 'Lowest version that is sufficient. Not set: any version.',
  },
  why: { type: 'string', doc: 'Why the program is needed, as the end of a sentence: `for Quadlet`.' },
} as const satisfies FieldTable;
export type Requirement = FieldsOf<typeof REQUIREMENT>;

/** A systemd unit, keyed by its name. */
export const UNIT = {
  state: {
    type: 'string',
    optional: true,
    pattern: /^(?:active|done)$/,
    doc: 'Wanted state: active, or done for a job that runs once per change of its input. Not set: any state.',
  },
  settle: {
    type: 'string',
    optional: true,
    pattern: /^\d{1,4}$/,
    doc: 'Seconds that the unit must keep running after a start to count as started, 0 if its start waits for its health. Not set: 6.',
  },
  probed: { type: 'bool', optional: true, doc: 'Whether its start waits until it is healthy. Not set: it does not.' },
  enabled: { type: 'bool', optional: true, doc: 'Whether the unit starts at boot. Not set: its generator decides.' },
  restartOn: {
    type: 'strings',
    doc: 'Files and objects of the service that the unit reads at its start. A change restarts it.',
  },
  reloadOn: {
    type: 'strings',
    optional: true,
    doc: 'Files of the service that the unit reads at its start and at a reload. A change reloads it.',
  },
  triggers: { type: 'map', optional: true, doc: 'Other values that restart the unit when they change.' },
  reloads: { type: 'map', optional: true, doc: 'Other values that reload the unit when they change.' },
  mountPoints: {
    type: 'strings',
    optional: true,
    pattern: /^\/[^\0\n\p{Surrogate}]+$/u,
    doc: 'Paths that systemd creates on the host at the start of the unit, if they are missing, as mount points.',
  },
} as const satisfies FieldTable;
export type UnitPart = FieldsOf<typeof UNIT>;

/** The trigger of a unit that is the ID of its container, if docker's Terraform provider makes the container. */
export const CONTAINER_TRIGGER = 'container';

import { type KindRow, SHA256 } from './kind-row';

const MACHINE_IMAGE = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** Kinds of objects in the pool of systemd-machined(8). */
export const MACHINE_KINDS = {
  'machine-root': {
    noun: 'machine root',
    holder: 'the host',
    scope: 'host',
    // Only root can change the directories above.
    name: /^\/var\/lib\/machines\/[A-Za-z0-9][A-Za-z0-9_.-]*$/,
    expected: '"/var/lib/machines/" and a name',
    sources: ['spec'],
    spec: {
      image: {
        type: 'string',
        pattern: SHA256,
        doc: 'Name of the image root of the same service that it is a copy of.',
      },
    },
  },
  'machine-image': {
    noun: 'machine image',
    holder: 'the host',
    scope: 'host',
    name: MACHINE_IMAGE,
    expected: 'letters, digits, "_", "." and "-", beginning with a letter or digit',
    sources: ['asset', 'spec'],
    spec: {
      image: {
        type: 'string',
        optional: true,
        pattern: SHA256,
        doc: 'Name of the image root of the same service that it is a copy of. Not set: it is a clone, or its asset.',
      },
      clone: {
        type: 'string',
        optional: true,
        pattern: MACHINE_IMAGE,
        doc: 'Name of the image that it is copied from.',
      },
      readOnly: { type: 'string', values: ['true', 'false'], doc: 'Whether nothing may write to it.' },
    },
  },
} as const satisfies Record<string, KindRow>;

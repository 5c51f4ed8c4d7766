import { checkFields, type Field, type Problem } from './fields';
import { type KindRow, SHA256 } from './kind-row';
import { MACHINE_KINDS } from './machine-kinds';
import type { ObjectPart } from './parts';
import { ABSOLUTE_PATH, IMAGE_REFERENCE, USER_NAME } from './patterns';
import { SECRET_KINDS } from './secret-kinds';

export type { KindRow };

/** If a kind has this field, hosts with other processors refuse its objects. */
const ARCHITECTURE = {
  type: 'string',
  optional: true,
  pattern: /^[a-z0-9]{1,20}$/,
  doc: 'Processor that its programs are for, as images name it: amd64, arm64. Not set: not known.',
} as const satisfies Field;

const CONTAINER_NAME = { name: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, expected: 'letters, digits, "_", "." and "-"' } as const;
const OF_DOCKER = { ...CONTAINER_NAME, holder: 'docker', scope: 'host' } as const;
/** A user or group, by name or number. */
const ACCOUNT = /^(?:[A-Za-z_][A-Za-z0-9_.-]{0,31}|\d{1,10})$/;
const CIDR = /^[0-9a-f.:]+\/\d{1,3}$/;
/** For kinds of images that the host can pull. */
const REFERENCE = {
  type: 'string',
  optional: true,
  pattern: IMAGE_REFERENCE.pattern,
  doc: 'Image of a registry that the host pulls. Not set: the asset is the image.',
} as const satisfies Field;

/** Rows for the objects of LXD and Incus. Names follow RFC 1123, with room for the suffix that an upgrade appends. */
const INSTANCE = {
  noun: 'instance',
  scope: 'host',
  name: /^(?=.{1,54}$)[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
  expected: 'at most 54 letters, digits and "-", beginning with a letter and not ending with "-"',
  sources: ['spec'],
  spec: {
    type: { type: 'string', values: ['container', 'virtual-machine'], doc: 'What it is.' },
    image: { type: 'string', pattern: SHA256, doc: 'Name of the image that it is made from.' },
    config: { type: 'string', json: true, doc: 'Its config. A change stops and starts the instance.' },
    limits: { type: 'string', json: true, doc: 'The part of its config that can change while the instance runs.' },
    devices: { type: 'string', json: true, doc: 'Its devices by name, each an object of strings.' },
  },
} as const;
const INSTANCE_IMAGE = {
  noun: 'image',
  scope: 'host',
  name: SHA256,
  expected: '64 hexadecimal digits',
  // Created from the image root of that name, or an image in the engine's own format, named by its digest.
  sources: ['spec', 'asset'],
  shared: true,
  content: true,
  spec: {},
} as const;
const INSTANCE_POOL_ROW = {
  noun: 'storage pool',
  scope: 'host',
  name: /^[a-z][a-z0-9-]*$/,
  expected: 'lower-case letters, digits and "-"',
  sources: ['spec'],
  shared: true,
  spec: { driver: { type: 'string', values: ['dir'], doc: 'Driver of the pool.' } },
} as const;

/** A field of an object that a unit creates. It is compared with the object on the host. Not set: not compared. */
const known = (doc: string) => ({ type: 'string', optional: true, doc }) as const;

/** The kinds of objects. The key of an object is its kind, a colon and its name: `podman-volume:data`. */
export const KINDS = {
  interface: {
    noun: 'interface',
    holder: 'the host',
    scope: 'host',
    name: /^[^\s/:]{1,15}$/,
    expected: 'at most 15 characters without blanks, "/" and ":"',
    sources: ['unit'],
    spec: {},
  },
  'network-namespace': {
    noun: 'network namespace',
    holder: 'the host',
    scope: 'host',
    name: /^(?!\.\.?$)[^\s/:]{1,200}$/,
    expected: 'at most 200 characters without blanks, "/" and ":"',
    sources: ['unit'],
    spec: {},
  },
  'nft-table': {
    noun: 'table of nftables',
    holder: 'the host',
    scope: 'host',
    name: /^[A-Za-z][A-Za-z0-9_.-]*$/,
    expected: 'letters, digits, "_", "." and "-", beginning with a letter',
    sources: ['unit'],
    spec: {},
  },
  directory: {
    noun: 'directory',
    onlyEmpty: true,
    holder: 'the host',
    scope: 'host',
    name: /^\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\0\n\t]*[^/\0\n\t]$/,
    expected: 'an absolute path without ".", "..", tabs and line breaks',
    sources: ['spec'],
    shared: true,
    spec: {
      owner: { type: 'string', pattern: ACCOUNT, doc: 'Name or number of the user that owns it.' },
      group: {
        type: 'string',
        optional: true,
        pattern: ACCOUNT,
        doc: "Name or number of the group that owns it. Not set: the user's own.",
      },
      mode: { type: 'string', pattern: /^[0-7]{4}$/, doc: 'Permissions as four octal digits, such as 0750.' },
      existing: {
        type: 'string',
        optional: true,
        values: ['as it is'],
        doc: 'What happens to a directory that exists already: it stays as it is. Not set: it gets owner, group and mode.',
      },
    },
  },
  subnet: {
    noun: 'subnet',
    holder: 'the host',
    scope: 'host',
    name: CIDR,
    expected: 'CIDR notation',
    sources: ['spec'],
    spec: {},
  },
  'podman-network': {
    noun: 'network',
    holder: 'podman',
    scope: 'user',
    ...CONTAINER_NAME,
    sources: ['unit'],
    spec: {
      driver: known('Driver of podman, such as bridge.'),
      subnets: known('Addresses in CIDR notation, one range a line.'),
      gateways: known('Addresses of the host on the network, one a line.'),
      ranges: known('First and last address that containers get, with "-" between, one range a line.'),
      internal: known('true or false: whether it leads nowhere.'),
      ipv6: known('true: it has IPv6 addresses.'),
      dns: known('false: it has no names.'),
      options: known('Options of the driver, a line of key=value each.'),
      labels: known('Labels, a line of key=value each.'),
    },
  },
  'podman-volume': {
    noun: 'volume',
    holder: 'podman',
    scope: 'user',
    ...CONTAINER_NAME,
    sources: ['unit'],
    spec: {
      driver: known('Driver of podman, such as local.'),
      device: known('What is mounted; empty for a directory of podman.'),
      type: known('File system of the device; empty for none.'),
      options: known('Mount options in alphabetical order, with commas between.'),
      user: known('Number of the user that owns it.'),
      group: known('Number of the group that owns it.'),
      labels: known('Labels, a line of key=value each.'),
    },
  },
  'podman-image': {
    noun: 'image',
    holder: 'podman',
    scope: 'user',
    name: /^[^\s@]+:[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
    expected: 'a reference with its tag',
    sources: ['unit', 'asset'],
    shared: true,
    content: true,
    spec: {
      architecture: ARCHITECTURE,
      id: {
        type: 'string',
        optional: true,
        pattern: SHA256,
        doc: "ID of the image: the digest of its configuration. It tells whether podman's image of that name is this one.",
      },
    },
  },
  'containerd-image': {
    noun: 'image',
    holder: 'containerd',
    scope: 'host',
    name: /^[^\s@]+:[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
    expected: 'a reference with its tag',
    sources: ['asset', 'spec'],
    content: true,
    spec: {
      digest: {
        type: 'string',
        optional: true,
        pattern: SHA256,
        doc: 'Digest of the manifest of the image in the asset, as `ctr images ls` prints it.',
      },
      architecture: ARCHITECTURE,
      reference: REFERENCE,
    },
  },
  'docker-container': {
    noun: 'container',
    ...OF_DOCKER,
    sources: ['spec'],
    spec: {
      config: {
        type: 'string',
        json: true,
        doc: 'What the container is created from, as the Docker Engine API takes it. A change creates a new container.',
      },
      limits: {
        type: 'string',
        json: true,
        doc: 'The part of its HostConfig that the Docker Engine API changes in place.',
      },
    },
  },
  'docker-network': {
    noun: 'network',
    ...OF_DOCKER,
    sources: ['spec'],
    // The containers that are still on it are replaced only after it.
    content: true,
    spec: {
      subnet: { type: 'string', optional: true, pattern: CIDR, doc: 'Addresses of its containers in CIDR notation.' },
      internal: { type: 'string', values: ['true', 'false'], doc: 'Whether nothing leads out of it.' },
    },
  },
  'docker-volume': {
    noun: 'volume',
    ...OF_DOCKER,
    sources: ['spec'],
    spec: {
      options: {
        type: 'string',
        json: true,
        doc: 'Options of the driver local: type, device and o, as mount(8) has them.',
      },
    },
  },
  'docker-runtime': {
    noun: 'runtime',
    ...OF_DOCKER,
    name: /^bulkhead$/,
    expected: '"bulkhead"',
    sources: ['spec'],
    spec: { program: { type: 'string', pattern: /^\/[^\0\n]+$/, doc: 'Absolute path of the program.' } },
  },
  'docker-image': {
    noun: 'image',
    ...OF_DOCKER,
    name: IMAGE_REFERENCE.pattern,
    expected: IMAGE_REFERENCE.expected,
    sources: ['spec', 'asset'],
    content: true,
    spec: {
      id: {
        type: 'string',
        optional: true,
        pattern: SHA256,
        doc: 'ID of the image in the asset: the digest of its configuration. Not set: docker pulls it by its name.',
      },
      architecture: ARCHITECTURE,
    },
  },
  ...MACHINE_KINDS,
  ...SECRET_KINDS,
  'image-root': {
    noun: 'image root',
    holder: 'the host',
    scope: 'host',
    name: SHA256,
    expected: '64 hexadecimal digits',
    sources: ['asset', 'spec'],
    shared: true,
    content: true,
    spec: {
      format: { type: 'string', optional: true, values: ['oci-archive', 'tar'], doc: 'What the asset is.' },
      architecture: ARCHITECTURE,
      reference: REFERENCE,
      bare: {
        type: 'string',
        optional: true,
        values: ['true'],
        doc: 'Nothing is added to what the image has. Not set: mount points are.',
      },
      mountPoints: {
        type: 'string',
        optional: true,
        pattern: /^\/[^\0]*$/,
        doc: 'Absolute paths, one a line, that something is mounted on beside what every root has.',
      },
      files: {
        type: 'string',
        optional: true,
        pattern: /^\{.*\}$/s,
        doc: 'Small files that come to it where the image has none: an object in JSON of their contents by path.',
      },
      label: {
        type: 'string',
        optional: true,
        pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
        doc: 'What its directory is called. Not set: root.',
      },
    },
  },
  'incus-instance': { ...INSTANCE, holder: 'Incus' },
  'incus-image': { ...INSTANCE_IMAGE, holder: 'Incus' },
  'incus-pool': { ...INSTANCE_POOL_ROW, holder: 'Incus' },
  'lxd-instance': { ...INSTANCE, holder: 'LXD' },
  'lxd-image': { ...INSTANCE_IMAGE, holder: 'LXD' },
  'lxd-pool': { ...INSTANCE_POOL_ROW, holder: 'LXD' },
  link: {
    noun: 'link',
    holder: 'the host',
    scope: 'host',
    name: ABSOLUTE_PATH.pattern,
    expected: ABSOLUTE_PATH.expected,
    sources: ['spec'],
    content: true,
    spec: {
      target: { type: 'string', pattern: ABSOLUTE_PATH.pattern, doc: 'Where it leads.' },
    },
  },
  user: {
    noun: 'user',
    holder: 'the host',
    scope: 'host',
    name: USER_NAME,
    expected: 'at most 32 of a-z, 0-9, "_" and "-", beginning with a letter or "_"',
    sources: ['spec'],
    spec: {
      home: { type: 'string', pattern: /^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9_.-]+)+$/, doc: "The user's home directory." },
    },
  },
} as const satisfies Record<string, KindRow>;
export type KindName = keyof typeof KINDS;

export function isKind(name: string): name is KindName {
  return Object.hasOwn(KINDS, name);
}

/** Key of an object in a manifest, from its kind and its name. */
export function objectKey(kind: KindName, name: string): string {
  return `${kind}:${name}`;
}

/** Reads the key of an object. Undefined when there is no such kind. */
export function parseObjectKey(key: string): { readonly kind: KindName; readonly name: string } | undefined {
  const colon = key.indexOf(':');
  const kind = key.slice(0, Math.max(0, colon));
  return isKind(kind) ? { kind, name: key.slice(colon + 1) } : undefined;
}

/** The row of the kind of an object. @throws Error for a key of an unknown kind, which a checked manifest does not have */
export function kindOf(key: string): KindRow & { readonly kind: KindName; readonly of: string } {
  const parsed = parseObjectKey(key);
  if (!parsed)
    throw new Error(`Cannot use object "${key}": expected one of ${Object.keys(KINDS).join(', ')} and a name`);
  return { ...KINDS[parsed.kind], kind: parsed.kind, of: parsed.name };
}

/** Checks the key of an object, and its fields against those of its kind. */
export function checkObject(key: string, object: ObjectPart, at: readonly string[]): Problem[] {
  const parsed = parseObjectKey(key);
  if (!parsed)
    return [
      {
        at,
        message: `expected one of ${Object.keys(KINDS)
          .map((kind) => `"${kind}:"`)
          .join(', ')} and a name`,
      },
    ];
  const { noun, name, expected, sources, spec }: KindRow = KINDS[parsed.kind];
  const given = object.unit !== undefined ? 'unit' : object.asset !== undefined ? 'asset' : 'spec';
  const both = object.unit !== undefined && object.asset !== undefined;
  return [
    ...(name.test(parsed.name) ? [] : [{ at, message: `expected ${expected} as name of the ${noun}` }]),
    ...(both || !sources.includes(given)
      ? [{ at, message: `expected ${sources.join(' or ')} to make the ${noun} from` }]
      : []),
    // The file of a unit describes the objects that the unit creates.
    ...(given === 'unit' && !object.spec ? [] : checkFields(spec, object.spec ?? {}, [...at, 'spec'])),
  ];
}

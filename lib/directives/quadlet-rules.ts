import type { DirectiveProblem } from './check';
import { Raw } from './values';

type Keys = Readonly<Record<string, unknown>>;

/** What a section can't do without: one key of each group. */
const REQUIRED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Container: [['Image', 'Rootfs']],
  Kube: [['Yaml']],
  Image: [['Image']],
  Build: [['ImageTag'], ['File', 'SetWorkingDirectory']],
  Artifact: [['Artifact']],
};

const REMAP = { RemapUid: 'RemapUsers', RemapGid: 'RemapUsers', RemapUidSize: 'RemapUsers' };

/** Keys that are lost, or with which no unit is made, unless another is there. */
const NEEDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Container: { Group: 'User', StartWithPod: 'Pod', ...REMAP },
  Pod: REMAP,
  Kube: REMAP,
  Volume: { Options: 'Device', Type: 'Device', Image: 'Driver' },
  Network: { Gateway: 'Subnet', IPRange: 'Subnet' },
};

const MAPPINGS = ['UserNS', 'UIDMap', 'GIDMap', 'SubUIDMap', 'SubGIDMap'];
const REMAPPED = MAPPINGS.map((key) => ['RemapUsers', key] as const);

/** Pairs of keys of which only one can be set. */
const EXCLUDE: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  Container: [['Image', 'Rootfs'], ...REMAPPED],
  Pod: REMAPPED,
  Kube: REMAPPED,
  // A volume made of an image has nothing else.
  Volume: ['Copy', 'Device', 'Group', 'User'].map((key) => ['Image', key] as const),
};

const OWN_COMMAND = { ExecStart: 'the keys of its own section' };
const NOT_AS_USER = {
  User: '[Container] User, or a file of that user',
  Group: '[Container] Group',
  DynamicUser: '[Container] UserNS',
};
const OWN_UNIT = { ...NOT_AS_USER, ...OWN_COMMAND };

/** Keys of [Service] that podman can't run under or that Quadlet sets itself, and what to use. */
const SERVICE_KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Container: { ...OWN_UNIT, NotifyAccess: '[Container] Notify', Delegate: '[Container] CgroupsMode' },
  Kube: { ...OWN_UNIT, NotifyAccess: 'nothing' },
  Pod: { ...OWN_UNIT, PIDFile: 'nothing', Type: 'nothing', Restart: 'nothing', Environment: '[Container] Environment' },
  Volume: OWN_UNIT,
  Network: OWN_UNIT,
  Image: OWN_UNIT,
  Build: OWN_UNIT,
};

/** Values of [Service] that the generator takes; with others it makes no unit at all. */
const SERVICE_VALUES: Readonly<Record<string, readonly string[]>> = {
  KillMode: ['mixed', 'control-group'],
  Type: ['notify', 'oneshot'],
};

/** What Quadlet asks of a file as a whole. Seen with podman 5.4. */
export function quadletProblems(file: object): DirectiveProblem[] {
  return Object.entries(file as Readonly<Record<string, Keys | undefined>>).flatMap(([section, keys]) => {
    if (!keys || !SERVICE_KEYS[section]) return section === 'Artifact' && keys ? required(section, keys) : [];
    const { Service = {} } = file as { readonly Service?: Keys };
    return [
      ...required(section, keys),
      ...needed(section, keys),
      ...excluded(section, keys),
      ...ofService(section, Service),
    ];
  });
}

function required(section: string, keys: Keys): DirectiveProblem[] {
  return (REQUIRED[section] ?? [])
    .filter((group) => group.every((key) => keys[key] === undefined))
    .map((group) => problem(section, group[0] ?? '', `is missing, expected ${group.join(' or ')}`));
}

function needed(section: string, keys: Keys): DirectiveProblem[] {
  const isSet = (key: string) => keys[key] !== undefined;
  const missing = Object.entries(NEEDS[section] ?? {})
    .filter(([key, other]) => isSet(key) && !isSet(other))
    .map(([key, other]) => problem(section, key, `is lost without ${other}, expected ${other} beside it`));
  // Without the driver nothing is made of the image, and without the image nothing is made of the driver.
  if (section !== 'Volume' || !isSet('Driver') || (keys.Driver === 'image') === isSet('Image')) return missing;
  const wrong = isSet('Image')
    ? 'the driver of a volume with Image, expected image'
    : 'the driver, expected Image beside it';
  return [...missing, problem(section, 'Driver', `${JSON.stringify(keys.Driver)} is ${wrong}`)];
}

function excluded(section: string, keys: Keys): DirectiveProblem[] {
  return (EXCLUDE[section] ?? [])
    .filter((pair) => pair.every((key) => keys[key] !== undefined))
    .map(([key, other]) => problem(section, key, `does not go with ${other}, expected one of the two`));
}

function ofService(section: string, service: Keys): DirectiveProblem[] {
  const own = Object.entries(SERVICE_KEYS[section] ?? {})
    .filter(([key]) => service[key] !== undefined)
    .map(([key, instead]) => {
      const why = key in NOT_AS_USER ? 'podman does not run under it' : 'Quadlet sets it itself';
      return problem('Service', key, `${why}, expected ${instead}`);
    });
  if (section !== 'Container' && section !== 'Kube') return own;
  const values = Object.entries(SERVICE_VALUES).flatMap(([key, allowed]) => {
    const value = service[key];
    if (value === undefined || value instanceof Raw || allowed.includes(String(value))) return [];
    const what = `is ${JSON.stringify(value)}, with which Quadlet makes no unit`;
    return [problem('Service', key, `${what}, expected ${allowed.join(' or ')}`)];
  });
  return [...own, ...values];
}

function problem(section: string, key: string, message: string): DirectiveProblem {
  return { section, key, message: `${message}, see podman-systemd.unit(5)` };
}

import type { DirectiveProblem } from './error';
import { isSet } from './is-set';
import { serviceProblems } from './service-rules';
import { Raw } from './values';
import { compare, type Target } from './version';

type Keys = Readonly<Record<string, unknown>>;

/** What a section can't do without: one key of each group. */
const REQUIRED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Container: [['Image', 'Rootfs']],
  Kube: [['Yaml']],
  Image: [['Image']],
  Build: [['ImageTag']],
  Artifact: [['Artifact']],
};

const REMAP = { RemapUid: 'RemapUsers', RemapGid: 'RemapUsers', RemapUidSize: 'RemapUsers' };

/** Where a version of podman, and those after it, ask for less. */
const UNTIL = { options: '6.0', podEnvironment: '5.6', podRestart: '6.0' };

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
  Container: [['Image', 'Rootfs'], ['ReloadCmd', 'ReloadSignal'], ...REMAPPED],
  Pod: REMAPPED,
  Kube: REMAPPED,
  // A volume made of an image has nothing else.
  Volume: ['Copy', 'Device', 'Group', 'User'].map((key) => ['Image', key] as const),
};

const NOT_AS_USER = {
  User: '[Container] User, or a file of that user',
  Group: '[Container] Group',
  DynamicUser: '[Container] UserNS',
};

/** Keys of [Service] that podman can't run under or that Quadlet sets itself, and what to use. */
const SERVICE_KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Container: { ...NOT_AS_USER, NotifyAccess: '[Container] Notify', Delegate: '[Container] CgroupsMode' },
  Kube: { ...NOT_AS_USER, NotifyAccess: 'nothing' },
  Pod: {
    ...NOT_AS_USER,
    PIDFile: 'nothing',
    Type: 'nothing',
    Restart: 'nothing',
    Environment: '[Container] Environment',
  },
  Volume: NOT_AS_USER,
  Network: NOT_AS_USER,
  Image: NOT_AS_USER,
  Build: NOT_AS_USER,
};

/** Types of the units that Quadlet makes, unless [Service] has another. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ Container: 'notify', Kube: 'notify', Pod: 'forking' },
  ...{ Volume: 'oneshot', Network: 'oneshot', Image: 'oneshot', Build: 'oneshot' },
};

/** Values of [Service] that the generator takes; with others it makes no unit at all. */
const SERVICE_VALUES: Readonly<Record<string, readonly string[]>> = {
  KillMode: ['mixed', 'control-group'],
  Type: ['notify', 'oneshot'],
};

/** What Quadlet asks of a file as a whole. A drop-in lacks what stands in the file that it is for. */
export function quadletProblems(file: object, target: Target & { readonly dropIn?: true }): DirectiveProblem[] {
  return Object.entries(file as Readonly<Record<string, Keys | undefined>>).flatMap(([section, keys]) => {
    if (!keys || (!REQUIRED[section] && !SERVICE_KEYS[section])) return [];
    const { Service = {} } = file as { readonly Service?: Keys };
    const whole = target.dropIn
      ? []
      : [
          ...required(section, keys),
          ...needed(section, keys, target),
          ...counted(section, keys),
          ...ofBuild(section, keys, Service),
        ];
    return [...whole, ...excluded(section, keys), ...ofValues(section, keys), ...ofService(section, Service, target)];
  });
}

/** Whether a target is known to be as new as a version. */
function isSince({ podman }: Target, version: string): boolean {
  return podman !== undefined && compare(podman, version) >= 0;
}

function required(section: string, keys: Keys): DirectiveProblem[] {
  return (REQUIRED[section] ?? [])
    .filter((group) => !group.some((key) => isSet(keys[key])))
    .map((group) => problem(section, group[0] ?? '', `is missing, expected ${group.join(' or ')}`));
}

function needed(section: string, keys: Keys, target: Target): DirectiveProblem[] {
  const has = (key: string) => isSet(keys[key]);
  const missing = Object.entries(NEEDS[section] ?? {})
    .filter(([key, other]) => has(key) && !has(other))
    .filter(([key]) => !(section === 'Volume' && key === 'Options' && isSince(target, UNTIL.options)))
    .map(([key, other]) => problem(section, key, `has no effect without ${other}, expected ${other} beside it`));
  // Without the driver nothing is made of the image, and without the image nothing is made of the driver.
  if (section !== 'Volume' || !has('Driver') || keys.Driver instanceof Raw) return missing;
  if ((keys.Driver === 'image') === has('Image')) return missing;
  const wrong = has('Image')
    ? 'the driver of a volume with Image, expected image'
    : 'the driver, expected Image beside it';
  return [...missing, problem(section, 'Driver', `${JSON.stringify(keys.Driver)} is ${wrong}`)];
}

/** Lists of which the first has to be as long as the others. */
function counted(section: string, keys: Keys): DirectiveProblem[] {
  if (section !== 'Network' || !isSet(keys.Subnet)) return [];
  const given = [keys.Subnet].flat();
  // What is not known yet may be a list.
  if (given.some((subnet) => subnet instanceof Raw)) return [];
  const subnets = given.length;
  return ['Gateway', 'IPRange']
    .filter((key) => isSet(keys[key]) && [keys[key]].flat().length > subnets)
    .map((key) =>
      problem(section, key, `has more values than Subnet, so Quadlet generates no unit, expected at most ${subnets}`),
    );
}

function ofBuild(section: string, { File, SetWorkingDirectory }: Keys, { WorkingDirectory }: Keys): DirectiveProblem[] {
  if (section !== 'Build' || SetWorkingDirectory !== undefined || WorkingDirectory !== undefined) return [];
  if (File === undefined) return [problem(section, 'File', 'is missing, expected File or SetWorkingDirectory')];
  if (typeof File !== 'string' || /^(?:\/|https?:\/\/|git:\/\/|github\.com\/|git@)/.test(File) || File.endsWith('.git'))
    return [];
  return [
    problem(
      section,
      'File',
      `${JSON.stringify(File)} is a relative path, so Quadlet generates no unit, expected SetWorkingDirectory beside it, or an absolute path`,
    ),
  ];
}

/** What one value says about others. */
function ofValues(section: string, keys: Keys): DirectiveProblem[] {
  const { RemapUsers, SetWorkingDirectory, Yaml, File } = keys;
  const found: DirectiveProblem[] = [];
  const add = (key: string, message: string) => found.push(problem(section, key, message));
  for (const key of ['RemapUid', 'RemapGid'])
    if (RemapUsers === 'keep-id' && [keys[key]].flat().length > 1)
      add(key, 'has several values with RemapUsers=keep-id, expected one');
  const isKnown = isSet(RemapUsers) && !(RemapUsers instanceof Raw);
  if (isKnown && RemapUsers !== 'auto' && isSet(keys.RemapUidSize))
    add('RemapUidSize', 'has no effect without RemapUsers=auto, expected RemapUsers beside it');
  if (section === 'Kube' && SetWorkingDirectory === 'yaml' && [Yaml].flat().length > 1)
    add('SetWorkingDirectory', 'is "yaml" with several Yaml, expected unit, or one Yaml');
  if (section === 'Build' && SetWorkingDirectory === 'yaml')
    add('SetWorkingDirectory', 'is "yaml", which only .kube files have, expected file, unit, a path or a URL');
  if (section === 'Build' && SetWorkingDirectory === 'file' && File === undefined)
    add('SetWorkingDirectory', 'is "file" without File, expected File beside it');
  return found;
}

function excluded(section: string, keys: Keys): DirectiveProblem[] {
  return (EXCLUDE[section] ?? [])
    .filter((pair) => pair.every((key) => isSet(keys[key])))
    .map(([key, other]) => problem(section, key, `does not go with ${other}, expected one of the two`));
}

function ofService(section: string, service: Keys, target: Target): DirectiveProblem[] {
  const own = Object.entries(SERVICE_KEYS[section] ?? {})
    .filter(([key]) => isSet(service[key]))
    .filter(([key]) => !(section === 'Pod' && key === 'Environment' && isSince(target, UNTIL.podEnvironment)))
    .filter(([key]) => !(section === 'Pod' && key === 'Restart' && isSince(target, UNTIL.podRestart)))
    .map(([key, instead]) => {
      const why = key in NOT_AS_USER ? 'podman does not run under it' : 'Quadlet sets it itself';
      return problem('Service', key, `${why}, expected ${instead}`);
    });
  const unit = { ...service, Type: service.Type ?? TYPES[section] };
  if (isSet(service.ExecStart) && unit.Type !== 'oneshot')
    own.push(
      problem('Service', 'ExecStart', `Quadlet sets it itself, expected ExecStartPre or the keys of [${section}]`),
    );
  return [...own, ...ofServiceValues(section, service), ...serviceProblems(unit, target)];
}

function ofServiceValues(section: string, service: Keys): DirectiveProblem[] {
  if (section !== 'Container' && section !== 'Kube') return [];
  return Object.entries(SERVICE_VALUES).flatMap(([key, allowed]) => {
    const value = service[key];
    if (value === undefined || value instanceof Raw || allowed.includes(String(value))) return [];
    const what = `is ${JSON.stringify(value)}, so Quadlet generates no unit`;
    return [problem('Service', key, `${what}, expected ${allowed.join(' or ')}`)];
  });
}

function problem(section: string, key: string, message: string): DirectiveProblem {
  return { section, key, message: `${message}, see podman-systemd.unit(5)` };
}

import type { DirectiveProblem } from './check';
import { Raw } from './values';

/** What a section can't do without: one key of each group. */
const REQUIRED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Container: [['Image', 'Rootfs']],
  Kube: [['Yaml']],
  Image: [['Image']],
  Build: [['ImageTag'], ['File', 'SetWorkingDirectory']],
  Artifact: [['Artifact']],
};

/** Values of [Service] that the generator takes; with others it makes no unit at all. */
const SERVICE_VALUES: Readonly<Record<string, readonly string[]>> = {
  KillMode: ['mixed', 'control-group'],
  Type: ['notify', 'oneshot'],
};

/** Keys of [Service] under which podman can't run its containers, and what to use. */
const SERVICE_KEYS: Readonly<Record<string, string>> = {
  User: '[Container] User, or a file of that user',
  Group: '[Container] Group',
  DynamicUser: '[Container] UserNS',
};

/** What Quadlet asks of a file as a whole. */
export function quadletProblems(file: object): DirectiveProblem[] {
  const sections = file as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  const missing = Object.entries(REQUIRED).flatMap(([section, groups]) => {
    const keys = sections[section];
    if (!keys) return [];
    return groups
      .filter((group) => group.every((key) => keys[key] === undefined))
      .map((group) => ({
        section,
        key: group[0] ?? '',
        message: `is missing, expected ${group.join(' or ')}, see podman-systemd.unit(5)`,
      }));
  });
  return [...missing, ...serviceProblems(sections)];
}

function serviceProblems(sections: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>) {
  const service = sections.Service ?? {};
  const problem = (key: string, message: string): DirectiveProblem => ({
    section: 'Service',
    key,
    message: `${message}, see podman-systemd.unit(5)`,
  });
  const forbidden = Object.entries(SERVICE_KEYS)
    .filter(([key]) => service[key] !== undefined)
    .map(([key, instead]) => problem(key, `podman does not run under it, expected ${instead}`));
  if (!sections.Container && !sections.Kube) return forbidden;
  const values = Object.entries(SERVICE_VALUES).flatMap(([key, allowed]) => {
    const value = service[key];
    if (value === undefined || value instanceof Raw || allowed.includes(String(value))) return [];
    return [
      problem(key, `is ${JSON.stringify(value)}, with which Quadlet makes no unit, expected ${allowed.join(' or ')}`),
    ];
  });
  return [...forbidden, ...values];
}

/** What systemd-nspawn asks of a file as a whole. */
export function nspawnProblems(file: object): DirectiveProblem[] {
  const { Exec } = file as { readonly Exec?: Readonly<Record<string, unknown>> };
  if (!Exec || Exec.Parameters === undefined || Exec.Boot !== undefined || Exec.ProcessTwo !== undefined) return [];
  const message = 'is ignored without Boot or ProcessTwo, expected Boot: false beside it, see systemd.nspawn(5)';
  return [{ section: 'Exec', key: 'Parameters', message }];
}

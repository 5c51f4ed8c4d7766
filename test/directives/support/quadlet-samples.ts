import type { QuadletFile } from '../../../lib/directives';
import { type KeyEntry, sectionsOf } from '../../../lib/directives/catalog';
import { compare } from '../../../lib/directives/version';
import fc from '../../fast-check';
import * as hostile from './hostile';

/** The version of podman that the samples are for. */
const PODMAN = '5.4';

/** The groups that become a unit, and what a file of each must have beside the keys in question. */
export const GROUPS = {
  Container: { Image: 'localhost/x:1' },
  Pod: {},
  Volume: { Device: '/x' },
  Network: {},
  Kube: { Yaml: '/x.yaml' },
  Image: { Image: 'localhost/x:1' },
  Build: { ImageTag: 'localhost/x:1', SetWorkingDirectory: '/x' },
} as const satisfies QuadletFile;
export type Group = keyof typeof GROUPS;

/** What a unit's name has behind the name of its file. */
const SUFFIXES = { Pod: '-pod', Volume: '-volume', Network: '-network', Image: '-image', Build: '-build' };

/** How a text becomes part of a value. */
interface Frame {
  readonly wrap: (text: string) => unknown;
  /** What a text can't hold there. */
  readonly without?: RegExp;
}

const wholly: Frame = { wrap: (text) => text };
const asPath: Frame = { wrap: (text) => `/${text}x` };
const between: Frame = { wrap: (text) => `x${text}x` };

/** Per kind that holds any text; others hold numbers, addresses and words of a list. */
const FRAMES: Readonly<Record<string, Frame>> = {
  string: wholly,
  user: wholly,
  timezone: wholly,
  arguments: { wrap: (text) => [text, `--x=${text}`] },
  command: { wrap: (text) => [text, 'x', text] },
  variables: { wrap: (text) => ({ A: text, B: `${text}b` }) },
  'podman-variables': { wrap: (text) => ({ A: text, B: `x${text}` }), without: /\r/g },
  'volume-mount': { wrap: (text) => `/${text}x:/y`, without: /:/g },
  'path-with-options': { wrap: (text) => `/${text}x:ro`, without: /[:\\]/g },
  'mount-spec': { wrap: (text) => `type=tmpfs,destination=/${text}x`, without: /[,"\r\n]/g },
  secret: { wrap: (text) => `x,target=${text}x`, without: /[,"]/g },
  'host-mapping': { wrap: (text) => `x${text}x:192.0.2.1` },
  'path-or-url': asPath,
  device: { ...asPath, without: /:/g },
  ulimit: { wrap: (text) => `x${text}=1` },
};

/** Keys whose texts are names or paths. */
const FRAMES_OF_KEYS: Readonly<Record<string, Frame>> = {
  Image: between,
  ImageTag: between,
  Network: { ...between, without: /[:.]/g },
  EnvironmentFile: asPath,
  ConfigMap: asPath,
  Yaml: { ...asPath, without: /"/g },
  SetWorkingDirectory: asPath,
  AutoUpdate: { ...between, without: /\//g },
};

/** Keys that name a file, decide about the unit's name, or exclude others. */
const LEFT_OUT: ReadonlySet<string> = new Set(['Container.Pod', 'Container.Rootfs', 'Volume.Image', 'Image.ImageTag']);
const LEFT_OUT_EVERYWHERE = /^(?:ServiceName|Remap\w+)$/;

function framesOf(group: Group): [string, Frame, KeyEntry][] {
  const keys = [...(sectionsOf('quadlet').get(group)?.keys ?? [])];
  return keys.flatMap(([key, entry]): [string, Frame, KeyEntry][] => {
    const frame = FRAMES_OF_KEYS[key] ?? FRAMES[entry.kind];
    const leftOut = LEFT_OUT_EVERYWHERE.test(key) || LEFT_OUT.has(`${group}.${key}`);
    return !frame || entry.enum || leftOut || compare(String(entry.since), PODMAN) > 0 ? [] : [[key, frame, entry]];
  });
}

const word = hostile.text.filter((text) => text !== '' && text !== ';');
const quoted = hostile.line.filter((text) => text !== '' && text !== ';');
const line = hostile.bare.filter((text) => text === text.trim() && text !== ';' && !/^"|"$/.test(text));
const TEXTS: Readonly<Record<string, fc.Arbitrary<string>>> = { args: word, words: quoted };

/** The texts of a file's keys. */
export type Texts = Readonly<Record<string, string>>;

/** What means something to one parser or another, in all keys of a group that hold any text. */
export function hostileTexts(group: Group): fc.Arbitrary<Texts> {
  const entries = framesOf(group).map(([key, { without }, entry]) => {
    const text = TEXTS[entry.class ?? 'raw'] ?? line;
    const cleaned = without ? text.map((value) => value.replace(without, '').trim()) : text;
    return [key, cleaned.filter((value) => value !== '' && value !== ';' && !/^"|"$/.test(value))] as const;
  });
  return fc.record({ ...Object.fromEntries(entries), Description: line, Variable: word });
}

/** A mark per key, to find out where its text goes. */
export function markedTexts(group: Group): Texts {
  const keys = [...framesOf(group).map(([key]) => key), 'Description', 'Variable'];
  return Object.fromEntries(keys.map((key) => [key, `<${key}>`]));
}

/** A word with texts instead of the marks. */
export function replaceMarks(word: string, texts: Texts): string {
  return word.replace(/<(\w+)>/g, (mark, key: string) => texts[key] ?? mark);
}

/** The file that holds the texts. */
export function quadletOf(group: Group, texts: Texts): QuadletFile {
  const keys = framesOf(group).map(([key, frame]) => [key, frame.wrap(texts[key] ?? '')]);
  return {
    Unit: { Description: texts.Description },
    [group]: { ...GROUPS[group], ...Object.fromEntries(keys) },
    Service: { Environment: { A: texts.Variable, B: 'x' } },
  };
}

/** The name of a group's file, and of the unit that Quadlet makes of it. */
export function namesOf(group: Group, name: string): { file: string; unit: string } {
  const suffix = SUFFIXES[group as keyof typeof SUFFIXES] ?? '';
  return { file: `${name}.${group.toLowerCase()}`, unit: `${name}${suffix}.service` };
}

/** Values of the kinds that hold no text, other than what podman does without. */
const VALUES: Readonly<Record<string, unknown>> = {
  boolean: true,
  capability: ['CAP_CHOWN', 'CAP_KILL'],
  'go-duration': '5s',
  'id-map': ['0:1:1', '1:2:1'],
  integer: 5,
  'ip-address': ['192.0.2.1', '192.0.2.2'],
  'ip-prefix': ['192.0.2.0/25', '192.0.2.128/25'],
  'ip-range': ['192.0.2.1-192.0.2.9', '192.0.2.21-192.0.2.29'],
  'podman-size': '5m',
  'port-range': [80, 81],
  'publish-port': ['8080:80', '8081:81'],
  signal: 'SIGTERM',
  'podman-user': 5,
  unsigned: 5,
};

/** Keys that mean something beside others alone. */
const BESIDE: Readonly<Record<string, object>> = {
  'Container.Group': { User: '1' },
  'Container.RemapUidSize': { RemapUsers: 'auto' },
  'Pod.RemapUidSize': { RemapUsers: 'auto' },
  'Kube.RemapUidSize': { RemapUsers: 'auto' },
  'Container.Rootfs': { Image: undefined, Rootfs: '/x' },
  'Container.StartWithPod': { Pod: 'other.pod', StartWithPod: false },
  'Container.Pod': { Pod: 'other.pod' },
  'Volume.Image': { Device: undefined, Driver: 'image' },
  // That of the YAML is the one that every service has.
  'Kube.SetWorkingDirectory': { SetWorkingDirectory: 'unit' },
  'Network.Gateway': { Subnet: ['192.0.2.0/25', '192.0.2.128/25'] },
  'Network.IPRange': { Subnet: ['192.0.2.0/25', '192.0.2.128/25'] },
};

/** Each key of the groups that the version of podman has: a file with it, and one that differs in nothing else. */
export function filesOfKeys(): { group: Group; key: string; having: object; lacking: object }[] {
  return (Object.keys(GROUPS) as Group[]).flatMap((group) =>
    [...(sectionsOf('quadlet').get(group)?.keys ?? [])].flatMap(([key, entry]) => {
      if (compare(String(entry.since), PODMAN) > 0) return [];
      const remapped = key.startsWith('Remap') ? { RemapUsers: 'auto' } : {};
      const { [key]: special, ...beside } = { ...remapped, ...BESIDE[`${group}.${key}`] } as Record<string, unknown>;
      const { [key]: _, ...others } = { ...GROUPS[group], ...beside } as Record<string, unknown>;
      const value = special ?? sampleOf(key, entry);
      return [{ group, key, having: { [group]: { ...others, [key]: value } }, lacking: { [group]: others } }];
    }),
  );
}

function sampleOf(key: string, entry: KeyEntry): unknown {
  if (entry.enum) return entry.enum[0];
  if (entry.kind === 'ulimit') return ['nofile=1', 'nproc=2:3'];
  const frame = FRAMES_OF_KEYS[key] ?? FRAMES[entry.kind];
  const values = frame ? [frame.wrap('qq1'), frame.wrap('qq2')] : [VALUES[entry.kind]].flat();
  return entry.repeat && !entry.listSince ? values.flat() : values[0];
}

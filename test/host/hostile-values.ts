import type { Runtime } from './running';

/** Values that mean something to one parser or another on the way. None has a slash, so that each can be in a path. */
export const VALUES = {
  empty: '',
  'double quotes': 'say "hi" to',
  'in double quotes': '"hi"',
  'one double quote': 'a"b',
  'single quotes': "it's 'so'",
  backslashes: 'a\\b\\\\c',
  'backslash at the end': 'end\\',
  'backslashes at the end': 'end\\\\',
  'escapes of C': '\\n\\t\\x41\\u00e9\\101\\s',
  percent: '100%',
  specifiers: '%i %n %h %% %',
  dollars: '$HOME $ $$ $$$',
  variable: '${HOME} ${PATH}',
  'directive of Terraform': '%{ if true }x%{ endif }',
  'escapes of Terraform': '$${x} %%{x}',
  'line break': 'a\nb',
  'lines of a unit': 'x\n[Service]\nUser=nobody\n',
  'carriage return': 'a\rb',
  'CR and LF': 'a\r\nb',
  tab: 'a\tb',
  'control characters': '\x01\x1b\x7f',
  semicolon: ';',
  'semicolon between blanks': 'a ; b',
  'number sign': '# x',
  'equals signs': '=a=b=',
  unicode: 'žluťoučký ☃ 😀 日本',
  decomposed: 'cafe\u0301',
  dash: '-x',
  'two dashes': '--',
  option: '--privileged',
  blank: ' ',
  'blanks around': '  a b  ',
  'tabs around': '\ta\t',
  'blanks of Unicode': '\u00a0a\u2028',
  'byte order mark': '\ufeffx',
  globs: '*.[a-z]? {a,b} ~ !',
  comma: 'a,b',
  colon: 'a:b',
  'colon after a backslash': 'a\\:b',
  shell: '`id` $(id) && id | id > x &',
  JSON: '["a"]',
  long: 'A name of 200 bytes, '.repeat(10).slice(0, 200),
  'NUL byte': 'a\0b',
  surrogate: '\ud800',
  'no character': '\ufffe',
  'parent directory': '..',
} as const;
export type Name = keyof typeof VALUES;
export const NAMES = Object.keys(VALUES) as Name[];

export const PLACES = [
  'environment',
  'argument',
  'program',
  'workingDirectory',
  'volumeSource',
  'volumeTarget',
  'configFile',
  'environmentFile',
] as const;
export type Place = (typeof PLACES)[number];

export const RUNTIMES = ['systemd', 'podman', 'nspawn', 'containerd', 'crun', 'runc', 'lxc', 'incus', 'lxd'] as const;
/** Those that have all of it in files of directives. */
const OF_DIRECTIVES = ['systemd', 'podman', 'nspawn'] as const;
/** Those whose engine writes a config of LXC. */
const OF_LXC = ['incus', 'lxd'] as const;

interface Refusal {
  readonly message: string;
  readonly places: readonly Place[];
  readonly runtimes?: readonly Runtime[];
  readonly values: readonly Name[];
}

const VOLUMES = ['volumeSource', 'volumeTarget', 'configFile'] as const;
const BREAKS = ['line break', 'lines of a unit', 'CR and LF'] as const;
const LINES = [...BREAKS, 'carriage return'] as const;
const QUOTES = ['double quotes', 'in double quotes', 'one double quote', 'single quotes', 'JSON'] as const;
const CONTROL = [...LINES, 'tab', 'tabs around', 'control characters'] as const;

/** What is refused, and how; all else arrives. Of several rows that say so, the first one. */
const REFUSED: readonly Refusal[] = [
  {
    message: 'is not a file path',
    places: ['configFile', 'environmentFile'],
    values: ['empty', ...BREAKS, 'NUL byte', 'surrogate', 'parent directory'],
  },
  { message: 'has no program', places: ['program'], values: ['empty'] },
  { message: 'is not an absolute path', places: ['workingDirectory', ...VOLUMES], values: ['empty'] },
  { message: 'is not an absolute path', places: ['workingDirectory'], values: ['parent directory'] },
  { message: 'has a "." or ".."', places: VOLUMES, values: ['parent directory'] },
  {
    message: 'has a quote, backslash or control character',
    places: ['program'],
    runtimes: ['systemd'],
    values: [
      ...QUOTES,
      ...CONTROL,
      'backslashes',
      'backslash at the end',
      'backslashes at the end',
      'escapes of C',
      'colon after a backslash',
      'NUL byte',
    ],
  },
  {
    message: 'has a "$"',
    places: ['program'],
    runtimes: ['systemd'],
    values: ['dollars', 'variable', 'escapes of Terraform', 'shell'],
  },
  { message: 'has a NUL byte', places: VOLUMES, values: ['NUL byte'] },
  {
    message: 'which systemd does not pass to the process',
    places: VOLUMES,
    runtimes: ['systemd'],
    values: [...QUOTES, ...CONTROL],
  },
  {
    message: "podman can't express a colon",
    places: VOLUMES,
    runtimes: ['podman'],
    values: ['colon', 'colon after a backslash'],
  },
  { message: 'has a NUL byte', places: PLACES, values: ['NUL byte'] },
  { message: 'is not valid UTF-8', places: PLACES, values: ['surrogate', 'no character'] },
  { message: 'and Terraform turns them into one', places: PLACES, values: ['decomposed'] },
  {
    message: 'which podman does not pass to the process',
    places: ['environment'],
    runtimes: ['podman'],
    values: ['CR and LF'],
  },
  { message: 'has a line break', places: PLACES, runtimes: ['nspawn'], values: LINES },
  {
    message: 'has a line break',
    places: ['workingDirectory', ...VOLUMES],
    runtimes: OF_DIRECTIVES,
    values: LINES,
  },
  { message: 'has a line break', places: ['workingDirectory'], runtimes: ['lxc'], values: LINES },
  {
    message: 'has a line break',
    places: ['volumeTarget'],
    runtimes: ['lxc'],
    values: ['carriage return', 'CR and LF'],
  },
  { message: 'has a line break', places: ['environmentFile'], runtimes: ['systemd'], values: LINES },
  { message: 'has a line break', places: ['workingDirectory', ...VOLUMES], runtimes: OF_LXC, values: LINES },
  {
    message: 'has a tab or a backslash',
    places: ['volumeTarget'],
    runtimes: OF_LXC,
    values: [
      'tab',
      'tabs around',
      'backslashes',
      'backslash at the end',
      'backslashes at the end',
      'escapes of C',
      'colon after a backslash',
    ],
  },
  {
    message: 'loses the double quotes at its ends before podman 5.8.2',
    places: ['workingDirectory'],
    runtimes: ['podman'],
    values: ['in double quotes'],
  },
  {
    message: 'ends with a backslash',
    places: ['workingDirectory'],
    runtimes: OF_DIRECTIVES,
    values: ['backslash at the end'],
  },
  {
    message: 'ends with a backslash',
    places: ['workingDirectory'],
    runtimes: ['podman'],
    values: ['backslashes at the end'],
  },
  {
    message: 'ends with a blank',
    places: ['workingDirectory'],
    runtimes: OF_DIRECTIVES,
    values: ['blank', 'blanks around', 'tabs around'],
  },
  { message: 'ends with a blank', places: ['workingDirectory'], runtimes: ['podman'], values: ['blanks of Unicode'] },
  {
    message: 'ends with a blank',
    places: ['environmentFile'],
    runtimes: ['systemd'],
    values: ['blank', 'blanks around', 'tabs around'],
  },
];

/** How synthesis refuses a value; undefined when it is to arrive as it is. */
export function refusalOf(runtime: Runtime, place: Place, name: Name): string | undefined {
  const row = REFUSED.find(
    ({ places, runtimes, values }) =>
      places.includes(place) && (runtimes?.includes(runtime) ?? true) && values.includes(name),
  );
  return row?.message;
}

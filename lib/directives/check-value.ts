import { isIP } from 'node:net';
import { isCalendar } from './calendar';
import type { KeyEntry } from './catalog';
import enums from './catalog/enums.json';
import { type Forms, matches, oneOf } from './form';
import { NETWORK_FORMS } from './network-forms';
import { isInteger, isPort, isUnsigned, QUANTITIES } from './quantities';
import { UNIT_FORMS } from './unit-forms';
import { isExposedPort, isHostMapping, isMount, isOverlay, isPodmanSize } from './value-parts';

const isSignalName = oneOf(enums.signal);
/** Whether a text is the name of a signal, with its SIG. */
export const isSignal = (text: string) =>
  isSignalName(text) || /^SIGRT(?:MIN(?:\+(?:[0-9]|[12]\d|30))?|MAX(?:-(?:[0-9]|[12]\d|30))?)$/.test(text);
const isPortRange = (text: string): boolean => {
  const [ports = '', protocol, more] = text.split('/');
  const range = ports.split('-');
  return more === undefined && !/^$/.test(protocol ?? '-') && range.length <= 2 && range.every(isPort);
};
const withoutPrefixes = (text: string, { prefixes }: KeyEntry): string => {
  const mark = prefixes?.find((prefix) => text.startsWith(prefix));
  return mark ? withoutPrefixes(text.slice(mark.length), { kind: '', prefixes: prefixes ?? [] }) : text;
};
const isAbsolute = (text: string, entry: KeyEntry) => withoutPrefixes(text, entry).startsWith('/');
const isPublished = (text: string): boolean => {
  const [, ip, host, container] = /^(?:(\[[^\]]*\]|[\d.]*):)??(?:([\d-]*):)?([\d-]+(?:\/\w+)?)$/.exec(text) ?? [];
  if (container === undefined || (ip && isIP(ip.replace(/^\[|\]$/g, '')) === 0)) return false;
  return isPortRange(container) && (!host || isPortRange(host));
};

const isErrnoName = oneOf(enums.errno);
const isErrno = (text: string) => isErrnoName(text) || isInteger(text, { min: 1, max: 4095 });
const isSyscallSet = oneOf(enums.syscallSet);
const isSyscall = (text: string): boolean => {
  const [name = '', errno, more] = text.split(':');
  if (more !== undefined || (errno !== undefined && !isErrno(errno) && errno !== 'kill')) return false;
  return name.startsWith('@') ? isSyscallSet(name) : /^[a-z_][a-z0-9_]*$/.test(name);
};

const UNIT_PREFIX = '^[A-Za-z0-9:_.\\\\@-]{1,240}\\.';
const UNIT_TYPES = 'service|socket|target|device|mount|automount|swap|timer|path|slice|scope';
const QUADLET_TYPES = 'container|pod|volume|network|kube|image|build|artifact';

const isUnitName = matches(new RegExp(`${UNIT_PREFIX}(?:${UNIT_TYPES})$`));

/** The forms that can be told from a text alone. A kind that is missing here takes any text. */
const FORMS: Forms = {
  ...QUANTITIES,
  ...NETWORK_FORMS,
  ...UNIT_FORMS,
  mode: { test: matches(/^0*[0-7]{1,4}$/), expected: "an octal mode such as 0o755 or '0755'" },
  signal: {
    test: (text) => isSignal(text) || isUnsigned(text, { min: 1, max: 64 }),
    expected: 'a signal such as SIGTERM',
  },
  capability: { test: oneOf(enums.capability), expected: 'a capability such as CAP_NET_ADMIN' },
  syscall: { test: isSyscall, expected: 'a system call, or a set such as @system-service' },
  filesystem: {
    test: (text) => (text.startsWith('@') ? oneOf(enums.filesystemSet)(text) : /^[\w.-]+$/.test(text)),
    expected: 'a file system, or a set such as @basic-api',
  },
  architecture: { test: oneOf(enums.architecture, ['native']), expected: 'an architecture such as x86-64' },
  'address-family': { test: oneOf(enums.addressFamily), expected: 'an address family such as AF_INET' },
  'exit-status-or-signal': {
    test: (text) => isUnsigned(text, { max: 255 }) || isSignal(text) || oneOf(enums.exitStatus)(text),
    expected: 'an exit status from 0 to 255, its name, or a signal',
  },
  errno: { test: isErrno, expected: 'an error such as EPERM' },
  port: { test: isPort, expected: 'a port from 1 to 65535' },
  'port-range': { test: isPortRange, expected: 'a port or range such as 8000-8010/tcp' },
  'publish-port': { test: isPublished, expected: '[[ip:][hostPort]:]containerPort[/protocol]' },
  'mount-spec': {
    test: isMount,
    expected: 'type=TYPE,source=SOURCE,destination=PATH, with a source unless the type is tmpfs',
  },
  calendar: { test: isCalendar, expected: 'a calendar event such as daily or Mon..Fri *-*-* 06:00' },
  'overlay-path': { test: isOverlay, expected: 'two or more absolute paths with a colon between them' },
  'podman-size': { test: isPodmanSize, expected: 'a size such as 512m or 1gb' },
  'podman-user': {
    test: (text) => text === 'root' || isUnsigned(text, { max: 2 ** 32 - 1 }),
    expected: 'a number, or root',
  },
  'expose-port': { test: isExposedPort, expected: '[tcp:|udp:]hostPort[:containerPort]' },
  'host-mapping': { test: isHostMapping, expected: 'name:address' },
  'id-map': {
    test: matches(/^[ug+]*\d+:@?\d+(?::\d+)?$/),
    expected: 'container:host[:amount] in numbers',
  },
  ulimit: { test: matches(/^(?:host|[^=\s]+=-?\d+(?::-?\d+)?)$/), expected: 'name=soft[:hard]' },
  'env-name': { test: matches(/^[A-Za-z_]\w*$/), expected: 'the name of a variable' },
  'bus-name': {
    test: matches(/^(?::[\w-]+|[A-Za-z_-][\w-]*)(?:\.[A-Za-z_-][\w-]*)+$|^:[\w-]+(?:\.[\w-]+)+$/),
    expected: 'a bus name such as org.example.Name',
  },
  'device-allow': {
    test: matches(/^(?:\/dev\/|\/run\/systemd\/inaccessible\/|char-|block-)/),
    expected: 'a path below /dev, or char-NAME or block-NAME, and rwm',
  },
  'volume-mount': {
    test: matches(/^(?:[^:]+:)?\/[^:]*(?::[^:]*)?$/),
    expected: '[source:]target[:options] with a path as target',
  },
  'unit-name': {
    test: (text, { types, repeat }) =>
      isUnitName(text) &&
      (!types || types.some((type) => text.endsWith(`.${type}`))) &&
      (!types || repeat || !text.includes('@.')),
    expected: ({ types = [] }) => `a unit name with its type such as a.${types[0] ?? 'service'}; raw() for specifiers`,
  },
  'quadlet-unit-name': {
    test: matches(new RegExp(`${UNIT_PREFIX}(?:${UNIT_TYPES}|${QUADLET_TYPES})$`)),
    expected: 'a name with its type such as a.service or b.container; raw() for specifiers',
  },
  'pod-file': { test: matches(/^[A-Za-z0-9:_.\\@-]+\.pod$/), expected: 'the name of a .pod file' },
  'slice-name': { test: matches(/^(?:-|[A-Za-z0-9:_.\\-]{1,250})\.slice$/), expected: 'a slice such as a-b.slice' },
  path: { test: isAbsolute, expected: 'an absolute path' },
  'condition-path': { test: isAbsolute, expected: 'an absolute path, after | and !' },
  'private-users': {
    test: matches(/^(?:pick|identity|managed|\d+(?::\d+)?)$/),
    expected: 'a boolean, pick, identity, managed, or start[:count]',
  },
  id128: {
    test: matches(/^[0-9a-f]{32}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
    expected: '32 hexadecimal digits',
  },
};

const TAKES_BOOLEAN: ReadonlySet<string> = new Set([
  'boolean',
  'boolean-or-list',
  'boolean-or-path',
  'boolean-or-range',
  'boolean-or-string',
  'condition-string',
  'private-users',
  'value',
]);

/** What is wrong with one value of a key, apart from how it would be written; nothing if it fits. */
export function problemOfValue(value: string | number | boolean, entry: KeyEntry): string | undefined {
  if (typeof value === 'boolean') {
    if (entry.boolean || TAKES_BOOLEAN.has(entry.kind)) return undefined;
    return `is ${value}, expected ${expectedOf(entry)}`;
  }
  const text = entry.kind === 'mode' && typeof value === 'number' ? value.toString(8) : String(value);
  const negated = entry.negate !== undefined && text.startsWith(entry.negate);
  const bare = negated ? text.slice(1) : text;
  if (entry.kind === 'syscall' && bare.includes(':') && !negated)
    return `is ${JSON.stringify(value)}, which is allowed and so can't fail, expected ~ in front, or no error`;
  if (entry.literals?.includes(bare) || fits(bare, entry)) return undefined;
  return `is ${JSON.stringify(value)}, expected ${expectedOf(entry)}`;
}

/** Where a process reads and writes, which only some words take more for. */
const isOutput = matches(/^(?:fd:[^:]|(?:file|append|truncate):\/)/);

function fits(text: string, entry: KeyEntry): boolean {
  if (text === 'infinity' && (entry.infinity || entry.kind.endsWith('infinity'))) return true;
  if (text === 'idle' && entry.kind === 'weight-or-idle') return true;
  if (entry.kind === 'boolean') return false;
  if (entry.enum) {
    const word = entry.kind === 'enum-or-string' || entry.kind === 'enum-with-arg' ? text.split(':', 1)[0] : text;
    if (word !== text && entry.kind === 'enum-or-string' && !isOutput(text)) return false;
    if (entry.open || entry.enum.includes(word ?? '')) return true;
    return entry.kind === 'enum-or-unsigned' && isUnsigned(text, entry);
  }
  return FORMS[entry.kind]?.test(text, entry) ?? true;
}

function expectedOf(entry: KeyEntry): string {
  if (entry.kind === 'boolean') return 'true or false';
  const form = FORMS[entry.kind]?.expected;
  if (form) return typeof form === 'string' ? form : form(entry);
  const words = [...(entry.boolean ? ['true', 'false'] : []), ...(entry.enum ?? []), ...(entry.literals ?? [])];
  return words.length > 0 ? `one of ${words.join(', ')}` : 'text';
}

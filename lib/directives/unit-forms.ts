import { type Forms, matches, oneOf } from './form';
import { parseNumeral } from './numeral';
import { isInteger, isPercent, isSize, isTimespan, isUnsigned } from './quantities';
import { splitTuple } from './tuple';
import { isSocketAddress, isUnixAddress } from './value-parts';

/** What the service manager takes in keys of its own. */

const isAbsolute = (text: string | undefined): boolean => text?.startsWith('/') === true;
const withoutDash = (text: string): string => text.replace(/^-/, '');

/** Names of credentials and of file descriptors: what a file may be called, without colons. */
const isName = matches(/^(?!\.{1,2}$)[ -.0-9;-~]{1,255}$/);
const isFdName = matches(/^[ -9;-~]{1,255}$/);

/** `device value`, where a device is a path. */
const deviceWith = (is: (text: string) => boolean) => (text: string) => {
  const [, device, value = ''] = /^(.*) +(\S+)$/s.exec(text) ?? [];
  return isAbsolute(device) && is(value);
};

const NETLINK =
  'route firewall inet-diag nflog xfrm selinux iscsi audit fib-lookup connector netfilter ip6-fw dnrtmsg kobject-uevent generic scsitransport ecryptfs rdma';
const isOfKernel = (path = '') => /^\/(?:dev|proc|sys)(?:\/|$)/.test(path);
const isNetlink = oneOf(NETLINK.split(' '));

const PARTITIONS = 'root|usr|home|srv|esp|xbootldr|tmp|var|root-verity|usr-verity|root-verity-sig|usr-verity-sig';
const isPartition = matches(new RegExp(`^(?:${PARTITIONS})$`));
const ATTACH_TYPES =
  'ingress|egress|sock_create|sock_ops|device|(?:post_)?bind[46]|connect[46]|sendmsg[46]|recvmsg[46]|sysctl|[gs]etsockopt';
const DUMPED =
  'private-anonymous shared-anonymous private-file-backed shared-file-backed elf-headers private-huge shared-huge private-dax shared-dax default all';
const isDumped = oneOf(DUMPED.split(' '));

/** What a nice level or a limit for it comes to. */
const limitOfNice = (text: string): number | undefined => {
  const isLevel = /^[+-]/.test(text);
  if (isLevel ? !isInteger(text, { min: -20, max: 19 }) : !isUnsigned(text, { max: 40 })) return undefined;
  return isLevel ? 20 - Number(parseNumeral(text)) : parseNumeral(text);
};

const isMounted = (text: string): boolean => {
  const [source = '', target, options = 'rbind', more] = splitTuple(text);
  const known = options
    .split(/[, ]+/)
    .every((option) => /^(?:|rbind|norbind|idmap|noidmap|rootidmap|owneridmap)$/.test(option));
  return more === undefined && isAbsolute(withoutDash(source)) && (!target || isAbsolute(target)) && known;
};

const isDirectory = (text: string): boolean =>
  !text.startsWith('/') && text !== '' && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(text) && !/^private(?:\/|$)/.test(text);

const isBase64 = (text: string): boolean => {
  const digits = text.replace(/\s/g, '').replace(/-/g, '+').replace(/_/g, '/');
  return Buffer.from(digits, 'base64').toString('base64') === digits;
};

/** The number of a user or group, other than those that stand for none. */
const isId = (text: string) => !/^(?:0\d|-)/.test(text) && Number(text) < 2 ** 32 - 1 && Number(text) !== 65535;

const IMAGE_POLICY = new RegExp(`^(?:${PARTITIONS}|swap|)=[a-z+-]+$`);
const isImagePolicy = (text: string): boolean => {
  if (/^(?:[*~-]|)$/.test(text)) return true;
  return text.split(':').every((part) => IMAGE_POLICY.test(part));
};

export const UNIT_FORMS: Forms = {
  'device-weight': {
    test: deviceWith((text) => isUnsigned(text, { min: 1, max: 10000 })),
    expected: 'a device and a weight such as "/dev/sda 500"',
  },
  'device-limit': {
    test: deviceWith((text) => text === 'infinity' || isSize(text, {})),
    expected: 'a device and a limit such as "/dev/sda 10M"',
  },
  'device-timespan': {
    test: deviceWith((text) => isTimespan(text, {})),
    expected: 'a device and a time span such as "/dev/sda 25ms"',
  },
  'bpf-program': {
    test: matches(new RegExp(`^(?:${ATTACH_TYPES}):/`)),
    expected: 'type:path such as egress:/sys/fs/bpf/x',
  },
  'open-file': {
    test: (text) => {
      const [path, , options = '', more] = text.split(':');
      const known = options.split(',').every((option) => /^(?:|read-only|append|truncate|graceful)$/.test(option));
      return isAbsolute(path) && known && more === undefined;
    },
    expected: 'path[:name[:options]] with an absolute path',
  },
  'image-mount': {
    test: (text) =>
      splitTuple(withoutDash(text)).slice(0, 2).length === 2 &&
      splitTuple(withoutDash(text)).slice(0, 2).every(isAbsolute),
    expected: 'image:target[:options] with absolute paths',
  },
  image: {
    test: (text) => {
      const [path, ...options] = splitTuple(withoutDash(text));
      return isAbsolute(path) && !isOfKernel(path) && (options.length < 2 || isPartition(options[0] ?? ''));
    },
    expected: 'an absolute path, and its options',
  },
  'image-policy': { test: isImagePolicy, expected: 'partition=flags such as root=verity+signed, or "*", "-", "~"' },
  'root-hash': {
    test: (text) => isAbsolute(text) || /^(?:[0-9a-f]{2}){16,}$/i.test(text),
    expected: 'a hash in hexadecimal, or an absolute path',
  },
  'root-hash-signature': {
    test: matches(/^(?:\/|base64:[A-Za-z0-9+/=]+$)/),
    expected: 'an absolute path, or base64: and a signature',
  },
  base64: { test: isBase64, expected: 'Base64' },
  'documentation-url': {
    test: matches(/^(?:https?:\/\/.|file:\/.|info:.|man:.)/),
    expected: 'a URL that begins with http://, https://, file:/, info: or man:',
  },
  'rlimit-nice': {
    test: (text) => {
      const limits = text.split(':').map(limitOfNice);
      const [soft, hard = soft] = limits;
      return limits.length <= 2 && !limits.includes(undefined) && Number(soft) <= Number(hard);
    },
    expected: 'a nice level such as -5 or +5, a limit from 0 to 40, or soft:hard',
  },
  'path-with-options': { test: isAbsolute, expected: 'an absolute path, and its options after a colon' },
  'credential-load': {
    test: (text) => {
      const colon = text.indexOf(':');
      const [id, path] = colon < 0 ? [text, text] : [text.slice(0, colon), text.slice(colon + 1)];
      return isName(id) && ((isAbsolute(path) && !path.includes('//')) || isName(path));
    },
    expected: 'id[:path] with an absolute path, or the name of a credential',
  },
  'credential-set': {
    test: (text, { class: escaping }) => {
      const [, id = '', value = ''] = /^([^:]*):(.*)$/s.exec(text) ?? [];
      return isName(id) && value !== '' && (escaping !== 'credential' || isBase64(value));
    },
    expected: 'id:value, the value of an encrypted one in Base64',
  },
  'credential-glob': {
    test: (text) => {
      const [glob = '', name = '', more] = text.split(':');
      const hasGlob = /[*?[]/.test(glob.slice(0, -1) + name) || /[?[]$/.test(glob);
      return more === undefined && isName(glob.replace(/\*$/, 'x')) && (name === '' || isName(name)) && !hasGlob;
    },
    expected: 'the name of a credential, which may end in *',
  },
  'fd-name': { test: isFdName, expected: 'up to 255 ASCII characters without colons' },
  'journal-namespace': {
    test: (text) => /^[A-Za-z0-9:_.@\\-]{1,200}$/.test(text) && !/^\.{1,2}$/.test(text),
    expected: 'a name of letters, digits and :_.-',
  },
  'control-group': {
    test: (text) => !text.includes('/') && !/^(?:\.{0,2}|[_.].*)$/.test(text) && Buffer.byteLength(text) <= 255,
    expected: 'a name without "/"',
  },
  'socket-path': {
    test: (text) => isAbsolute(text) && !isOfKernel(text),
    expected: 'an absolute path, not below /dev, /proc or /sys',
  },
  'unix-address': { test: isUnixAddress, expected: 'an absolute path or @name' },
  'netlink-address': {
    test: (text) => {
      const [family = '', group, more] = text.split(/\s+/);
      const known = isNetlink(family) || isUnsigned(family, { max: 2 ** 31 - 1 });
      return known && more === undefined && (group === undefined || isUnsigned(group, { max: 2 ** 32 - 1 }));
    },
    expected: 'a netlink family such as audit, and a group',
  },
  'socket-address': {
    test: isSocketAddress,
    expected: 'a port from 1 to 65535, address:port, a path, @name or vsock:cid:port',
  },
  'socket-bind-rule': {
    test: (text) => {
      if (text === 'any') return true;
      const [, ports] = /^(?:(?:ipv4|ipv6)(?::|$))?(?:(?:tcp|udp)(?::|$))?(.*)$/.exec(text.replace(/:any$/, '')) ?? [];
      const range = (ports ?? '').split('-');
      if (ports === '') return text !== '' && !text.endsWith(':');
      const numbers = range.map(Number);
      return (
        range.length <= 2 &&
        range.every((port) => isUnsigned(port, { max: 65535 })) &&
        (numbers[0] ?? 0) <= (numbers.at(-1) ?? 0)
      );
    },
    expected: 'any, or [ipv4:|ipv6:][tcp:|udp:]port[-port]',
  },
  'coredump-filter': {
    test: (text) => isDumped(text) || /^(?:0x)?[0-9a-f]{1,16}$/i.test(text),
    expected: `a mask in hexadecimal, or one of ${DUMPED.split(' ').join(', ')}`,
  },
  'environment-or-name': { test: matches(/^[A-Za-z_]\w*(?:=|$)/), expected: 'NAME or NAME=value' },
  'partition-options': {
    test: (text) => /^:|^[^:]*$/.test(text) || isPartition(text.split(':', 1)[0] ?? ''),
    expected: 'options, or partition:options',
  },
  'bind-path': { test: isMounted, expected: 'source[:target[:options]] with absolute paths' },
  'relative-path': {
    test: (text) => {
      const [path = '', link, flags = '', more] = splitTuple(text);
      return isDirectory(path) && (!link || isDirectory(link)) && /^(?:|ro)$/.test(flags) && more === undefined;
    },
    expected: 'a relative path without .., and path:link for a link to it',
  },
  'relative-path-alone': {
    test: (text) => splitTuple(text).length === 1 && isDirectory(text),
    expected: 'a relative path without ..',
  },
  'user-or-group': {
    test: (text) => (/^-?\d+$/.test(text) ? isId(text) : /^(?!\s)(?!.*\s$)(?!\.{1,2}$)[^:/\p{Cc}]+$/u.test(text)),
    expected: 'a name or a number',
  },
  'pid-file': {
    test: (text) => !/(?:^|\/)\.\.(?:\/|$)/.test(text) && !isOfKernel(text),
    expected: 'a path without "..", not below /dev, /proc or /sys',
  },
  regex: { test: (text) => text.replace(/^~/, '') !== '', expected: 'a pattern' },
  'unit-nft-set': {
    test: matches(
      /^(?:cgroup|user|group):(?:arp|bridge|inet|ip6?|netdev):[A-Za-z][\w/\\.]{0,30}:[A-Za-z][\w/\\.]{0,30}$/,
    ),
    expected: 'cgroup, user or group:family:table:set',
  },
  quota: {
    test: (text) => isPercent(text) || isSize(text, {}) || text === 'off',
    expected: 'a size such as 512M, a percentage, or off',
  },
};

import { bool, integer, like, list, oneOf, type Schema, text, unsigned, type ValueOf } from '../oci/schema';

const path = like(/^\//);
const paths = list(path);
/** Shell commands. */
const hooks = list(text);
const words = list(text);
const signal = like(/^(?:SIG[A-Z0-9]+(?:[+-]\d+)?|[1-9]\d?)$/);
const capabilities = list(like(/^(?:[a-z_]+|none)$/));
const size = like(/^(?:auto|\d+(?:\.\d+)?(?:[KMG]B)?)$/);
const interfaceName = like(/^[^\s/:]{1,15}$/);
const namespaces = list(oneOf('cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'));
const offset = like(/^-?\d+ ?(?:h|m|s|ms|us|ns)?$/);

/** Keys of a container's config in LXC 4.0 to 6.0. A list is written as one line per item. */
export const LXC_KEYS = {
  'lxc.apparmor.allow_incomplete': bool,
  'lxc.apparmor.allow_nesting': bool,
  'lxc.apparmor.profile': text,
  'lxc.apparmor.raw': words,
  'lxc.arch': like(/^[a-z0-9_]+$/),
  'lxc.autodev': bool,
  'lxc.autodev.tmpfs.size': unsigned,
  'lxc.cap.drop': capabilities,
  'lxc.cap.keep': capabilities,
  'lxc.cgroup.dir': text,
  'lxc.cgroup.dir.container': text,
  'lxc.cgroup.dir.container.inner': text,
  'lxc.cgroup.dir.monitor': text,
  'lxc.cgroup.dir.monitor.pivot': text,
  'lxc.cgroup.relative': bool,
  'lxc.console.buffer.size': size,
  'lxc.console.logfile': path,
  'lxc.console.path': text,
  'lxc.console.rotate': bool,
  'lxc.console.size': size,
  'lxc.environment': list(like(/^[A-Za-z_][A-Za-z0-9_]*(?:=|$)/)),
  'lxc.ephemeral': bool,
  'lxc.execute.cmd': text,
  'lxc.group': words,
  'lxc.hook.autodev': hooks,
  'lxc.hook.clone': hooks,
  'lxc.hook.destroy': hooks,
  'lxc.hook.mount': hooks,
  'lxc.hook.post-stop': hooks,
  'lxc.hook.pre-mount': hooks,
  'lxc.hook.pre-start': hooks,
  'lxc.hook.start': hooks,
  'lxc.hook.start-host': hooks,
  'lxc.hook.stop': hooks,
  'lxc.hook.version': oneOf('0', '1'),
  'lxc.idmap': list(like(/^[ugb] \d+ \d+ \d+$/)),
  'lxc.include': paths,
  'lxc.init.cmd': text,
  'lxc.init.cwd': path,
  'lxc.init.gid': unsigned,
  'lxc.init.groups': like(/^\d+(?:,\d+)*$/),
  'lxc.init.uid': unsigned,
  'lxc.keyring.session': bool,
  'lxc.log.file': path,
  'lxc.log.level': oneOf('TRACE', 'DEBUG', 'INFO', 'NOTICE', 'WARN', 'ERROR', 'CRIT', 'ALERT', 'FATAL'),
  'lxc.log.syslog': text,
  'lxc.monitor.signal.pdeath': signal,
  'lxc.monitor.unshare': bool,
  'lxc.mount.auto': list(like(/^(?:proc|sys|cgroup|cgroup-full|shmounts)(?::\S+)?$/)),
  'lxc.mount.entry': list(like(/^(?:[^ \t\n]+ ){3}[^ \t\n]+(?: \d+ \d+)?$/)),
  'lxc.mount.fstab': path,
  'lxc.namespace.clone': namespaces,
  'lxc.namespace.keep': namespaces,
  'lxc.no_new_privs': bool,
  'lxc.pty.max': unsigned,
  'lxc.rootfs.managed': bool,
  'lxc.rootfs.mount': path,
  'lxc.rootfs.options': text,
  'lxc.rootfs.path': text,
  'lxc.sched.core': bool,
  'lxc.seccomp.allow_nesting': bool,
  'lxc.seccomp.notify.cookie': text,
  'lxc.seccomp.notify.proxy': like(/^unix:/),
  'lxc.seccomp.profile': path,
  'lxc.selinux.context': text,
  'lxc.selinux.context.keyring': text,
  'lxc.signal.halt': signal,
  'lxc.signal.reboot': signal,
  'lxc.signal.stop': signal,
  'lxc.start.auto': bool,
  'lxc.start.delay': unsigned,
  'lxc.start.order': integer,
  'lxc.time.offset.boot': offset,
  'lxc.time.offset.monotonic': offset,
  'lxc.tty.dir': text,
  'lxc.tty.max': unsigned,
  'lxc.uts.name': like(/^[^\s/]{1,64}$/),
} as const satisfies Readonly<Record<string, Schema>>;

const NET = {
  flags: oneOf('up'),
  hwaddr: like(/^[0-9a-fxX]{2}(?::[0-9a-fxX]{2}){5}$/),
  'ipv4.address': words,
  'ipv4.gateway': text,
  'ipv6.address': words,
  'ipv6.gateway': text,
  'ipvlan.isolation': oneOf('bridge', 'private', 'vepa'),
  'ipvlan.mode': oneOf('l3', 'l3s', 'l2'),
  l2proxy: bool,
  link: interfaceName,
  'macvlan.mode': oneOf('private', 'vepa', 'bridge', 'passthru'),
  mtu: unsigned,
  name: interfaceName,
  'script.down': path,
  'script.up': path,
  type: oneOf('empty', 'none', 'veth', 'macvlan', 'ipvlan', 'vlan', 'phys'),
  'veth.ipv4.route': words,
  'veth.ipv6.route': words,
  'veth.mode': oneOf('bridge', 'router'),
  'veth.n_rxqueues': unsigned,
  'veth.n_txqueues': unsigned,
  'veth.pair': interfaceName,
  'veth.vlan.id': like(/^(?:none|\d{1,4})$/),
  'veth.vlan.tagged.id': list(like(/^\d{1,4}$/)),
  'vlan.id': unsigned,
} as const satisfies Readonly<Record<string, Schema>>;

type Free = 'cgroup' | 'cgroup2' | 'prlimit' | 'proc' | 'sysctl';
const FREE = /^lxc\.(?:cgroup2?|prlimit|proc|sysctl)\.[A-Za-z0-9_./-]+$/;
const SHARED = /^lxc\.namespace\.share\.(?:cgroup|ipc|mnt|net|pid|time|user|uts)$/;

/** Keys of a container's config, with their values. @see lxc.container.conf(5) */
export type LxcConfig = { readonly [K in keyof typeof LXC_KEYS]?: ValueOf<(typeof LXC_KEYS)[K]> } & {
  readonly [K in keyof typeof NET as `lxc.net.${number}.${K}`]?: ValueOf<(typeof NET)[K]>;
} & { readonly [key: `lxc.${Free}.${string}`]: string } & { readonly [key: `lxc.namespace.share.${string}`]: string };

/** The schema of a key's value. Undefined for a key that LXC does not have. */
export function lxcSchema(key: string): Schema | undefined {
  if (Object.hasOwn(LXC_KEYS, key)) return LXC_KEYS[key as keyof typeof LXC_KEYS];
  if (FREE.test(key) || SHARED.test(key)) return text;
  const [, name = ''] = /^lxc\.net\.\d+\.(.+)$/.exec(key) ?? [];
  return Object.hasOwn(NET, name) ? NET[name as keyof typeof NET] : undefined;
}

import { bool, like, oneOf, type Schema, text, unsigned, type ValueOf } from '../oci/schema';

/** An amount of memory: bytes, a number with a unit, or a percentage of the host's memory. */
const size = like(/^\d+(?:\.\d+)?(?:[kKMGTPE]i?)?B?$|^\d+%$/);

/**
 * The config of an instance, by its documented keys, under the engines' own names. {@link OF_ENGINE} has the keys whose
 * names differ.
 * @see https://linuxcontainers.org/incus/docs/main/reference/instance_options/
 */
export const INSTANCE_CONFIG = {
  'boot.autostart': bool,
  'boot.autostart.delay': unsigned,
  'boot.autostart.priority': unsigned,
  'boot.host_shutdown_timeout': unsigned,
  'boot.stop.priority': unsigned,
  'cloud-init.network-config': text,
  'cloud-init.user-data': text,
  'cloud-init.vendor-data': text,
  'cluster.evacuate': oneOf('auto', 'live-migrate', 'migrate', 'stop', 'stateful-stop', 'force-stop'),
  'limits.cpu': text,
  'limits.cpu.allowance': like(/^\d+%$|^\d+ms\/\d+ms$/),
  'limits.cpu.nodes': text,
  'limits.cpu.priority': unsigned,
  'limits.disk.priority': unsigned,
  'limits.hugepages.64KB': size,
  'limits.hugepages.1MB': size,
  'limits.hugepages.2MB': size,
  'limits.hugepages.1GB': size,
  'limits.memory': size,
  'limits.memory.enforce': oneOf('hard', 'soft'),
  'limits.memory.hugepages': bool,
  'limits.memory.swap': bool,
  'limits.memory.swap.priority': unsigned,
  'limits.network.priority': unsigned,
  'limits.processes': unsigned,
  'linux.kernel_modules': text,
  'migration.incremental.memory': bool,
  'migration.incremental.memory.goal': unsigned,
  'migration.incremental.memory.iterations': unsigned,
  'migration.stateful': bool,
  'nvidia.driver.capabilities': text,
  'nvidia.require.cuda': text,
  'nvidia.require.driver': text,
  'nvidia.runtime': bool,
  'raw.apparmor': text,
  'raw.idmap': text,
  'raw.lxc': text,
  'raw.qemu': text,
  'raw.qemu.conf': text,
  'raw.seccomp': text,
  'security.agent.metrics': bool,
  'security.csm': bool,
  'security.devlxd': bool,
  'security.devlxd.images': bool,
  'security.guestapi': bool,
  'security.guestapi.images': bool,
  'security.idmap.base': unsigned,
  'security.idmap.isolated': bool,
  'security.idmap.size': unsigned,
  'security.nesting': bool,
  'security.privileged': bool,
  'security.protection.delete': bool,
  'security.protection.shift': bool,
  'security.secureboot': bool,
  'security.sev': bool,
  'security.sev.policy.es': bool,
  'security.sev.session.data': text,
  'security.sev.session.dh': text,
  'security.syscalls.allow': text,
  'security.syscalls.deny': text,
  'security.syscalls.deny_compat': bool,
  'security.syscalls.deny_default': bool,
  'security.syscalls.intercept.bpf': bool,
  'security.syscalls.intercept.bpf.devices': bool,
  'security.syscalls.intercept.mknod': bool,
  'security.syscalls.intercept.mount': bool,
  'security.syscalls.intercept.mount.allowed': text,
  'security.syscalls.intercept.mount.fuse': text,
  'security.syscalls.intercept.mount.shift': bool,
  'security.syscalls.intercept.sched_setscheduler': bool,
  'security.syscalls.intercept.setxattr': bool,
  'security.syscalls.intercept.sysinfo': bool,
  'snapshots.expiry': text,
  'snapshots.pattern': text,
  'snapshots.schedule': text,
  'snapshots.schedule.stopped': bool,
} as const satisfies Readonly<Record<string, Schema>>;

/** Prefixes of keys that end with a name of the user's choice. */
export const INSTANCE_PREFIXES = ['environment.', 'limits.kernel.', 'linux.sysctl.', 'user.'] as const;
type Prefix = (typeof INSTANCE_PREFIXES)[number];

/** Keys that only one engine has. */
export const OF_ENGINE: Readonly<Record<'incus' | 'lxd', RegExp>> = {
  incus: /^security\.guestapi/,
  lxd: /^security\.devlxd/,
};

/** Keys that only containers have, and keys that only virtual machines have. */
export const OF_TYPE: Readonly<Record<'container' | 'virtual-machine', RegExp>> = {
  container:
    /^(?:environment\.|limits\.(?:cpu\.allowance|cpu\.priority|hugepages|kernel|memory\.enforce|memory\.swap|processes)|linux\.|nvidia\.|raw\.(?:idmap|lxc|seccomp)|security\.(?:guestapi\.images|devlxd\.images|idmap|nesting|privileged|protection\.shift|syscalls)|migration\.incremental)/,
  'virtual-machine': /^(?:limits\.memory\.hugepages|raw\.qemu|security\.(?:agent|csm|secureboot|sev))/,
};

/** Config keys of an instance, under the engine's own names. */
export type InstanceConfig = {
  readonly [K in keyof typeof INSTANCE_CONFIG]?: ValueOf<(typeof INSTANCE_CONFIG)[K]>;
} & { readonly [K in `${Prefix}${string}`]?: string };

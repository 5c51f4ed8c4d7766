import type { NspawnExecSection } from '../../directives/index';

// Capabilities that systemd-nspawn gives every machine whose network namespace it does not create itself. @see
// systemd-nspawn(1)
const DEFAULTS = [
  'CAP_AUDIT_CONTROL',
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_IPC_OWNER',
  'CAP_KILL',
  'CAP_LEASE',
  'CAP_LINUX_IMMUTABLE',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_CHROOT',
  'CAP_SYS_NICE',
  'CAP_SYS_PTRACE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TTY_CONFIG',
] as const;

/**
 * Directives that give a machine exactly these capabilities. nspawn itself can only add to its defaults or remove some.
 */
export function machineCapabilities(list: readonly string[] | undefined): NspawnExecSection {
  if (list === undefined) return {};
  const dropped = DEFAULTS.filter((capability) => !list.includes(capability));
  const added = list.filter((capability) => !DEFAULTS.some((known) => known === capability));
  return {
    DropCapability: dropped,
    ...(added.length > 0 ? { Capability: added as NonNullable<NspawnExecSection['Capability']> } : {}),
  };
}

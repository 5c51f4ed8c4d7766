import { reset, type ServiceSection } from '../../directives/index';
import { KERNEL_PROTECTION } from '../service/kernel-protection';

/**
 * Defaults of every service: they close all that an ordinary network daemon does without. examples/systemd-service says
 * of each what it breaks and what opens it. None of them reaches beyond the service. RemoveIPC= would: for a user of the
 * host it removes what other programs of that user share. DynamicUser= implies it for a user that the service has alone.
 * @see systemd.exec(5)
 */
export const SANDBOX: ServiceSection = {
  // Files: sees the system read-only, no homes, no temporary files of others, no device beside /dev/null and its like.
  ProtectSystem: 'strict',
  ProtectHome: true,
  PrivateTmp: true,
  PrivateDevices: true,
  // What it writes is its own to read.
  UMask: '0077',
  // Users: root outside is nobody inside.
  PrivateUsers: true,
  NoNewPrivileges: true,
  CapabilityBoundingSet: reset([]),
  RestrictSUIDSGID: true,
  // Kernel: changes no setting of it, and sees no process of others.
  ...KERNEL_PROTECTION,
  ProtectProc: 'invisible',
  RestrictNamespaces: true,
  RestrictRealtime: true,
  LockPersonality: true,
  MemoryDenyWriteExecute: true,
  SystemCallArchitectures: 'native',
  SystemCallFilter: '@system-service',
  SystemCallErrorNumber: 'EPERM',
  RestrictAddressFamilies: Object.freeze(['AF_UNIX', 'AF_INET', 'AF_INET6'] as const),
};

/** For a service on the host's network. Port 0, which the kernel picks for a client, is in no range. */
export const LISTENS_NOWHERE: ServiceSection = { SocketBindDeny: '1-65535' };

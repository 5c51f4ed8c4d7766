import { reset, type ServiceSection } from '../../directives/index';
import { KERNEL_PROTECTION } from '../service/kernel-protection';

/**
 * Default sandbox of every service. It closes everything that an ordinary network daemon does not need. For each
 * directive, examples/systemd-service says what it breaks and what opens it. None of them affects anything outside of
 * the service. RemoveIPC= is left out, since for a user of the host it removes IPC objects of that user's other
 * programs. DynamicUser= implies it for a user that only the service has.
 * @see systemd.exec(5)
 */
export const SANDBOX: ServiceSection = {
  // Files: a read-only system, no home directories, no temporary files of others, and no devices except /dev/null and
  // the like.
  ProtectSystem: 'strict',
  ProtectHome: true,
  PrivateTmp: true,
  PrivateDevices: true,
  // Only the service's user can read the files that it writes.
  UMask: '0077',
  // Users: root of the host is nobody inside.
  PrivateUsers: true,
  NoNewPrivileges: true,
  CapabilityBoundingSet: reset([]),
  RestrictSUIDSGID: true,
  // Kernel: no change of its settings, and no view of other users' processes.
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

/**
 * For a service on the host's network. The range leaves out port 0, with which the kernel picks a port for a client.
 */
export const LISTENS_NOWHERE: ServiceSection = { SocketBindDeny: '1-65535' };

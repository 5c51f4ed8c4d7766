import { reset, type ServiceSection } from '../directives';

/**
 * What a service may do when none of its props opens anything: nothing that an ordinary network daemon does without.
 * @see systemd.exec(5)
 */
export const SANDBOX: ServiceSection = {
  // Files: sees the system read-only, no homes, no temporary files of others, no device beside /dev/null and its like.
  ProtectSystem: 'strict',
  ProtectHome: true,
  PrivateTmp: true,
  PrivateDevices: true,
  // Users: root outside is nobody inside.
  PrivateUsers: true,
  NoNewPrivileges: true,
  CapabilityBoundingSet: reset([]),
  RestrictSUIDSGID: true,
  // Kernel: changes no setting of it, and sees no process of others.
  ProtectKernelTunables: true,
  ProtectKernelModules: true,
  ProtectKernelLogs: true,
  ProtectControlGroups: true,
  ProtectClock: true,
  ProtectHostname: true,
  ProtectProc: 'invisible',
  RestrictNamespaces: true,
  RestrictRealtime: true,
  LockPersonality: true,
  MemoryDenyWriteExecute: true,
  RemoveIPC: true,
  SystemCallArchitectures: 'native',
  SystemCallFilter: '@system-service',
  SystemCallErrorNumber: 'EPERM',
  RestrictAddressFamilies: Object.freeze(['AF_UNIX', 'AF_INET', 'AF_INET6'] as const),
  // Network: listens nowhere. Port 0, which the kernel picks for a client, is in no range.
  SocketBindDeny: '1-65535',
};

import type { ServiceSection } from '../../directives/index';

/** Keeps a program from changing kernel settings that the whole host shares. @see systemd.exec(5) */
export const KERNEL_PROTECTION = {
  ProtectKernelTunables: true,
  ProtectKernelModules: true,
  ProtectKernelLogs: true,
  ProtectControlGroups: true,
  ProtectClock: true,
  ProtectHostname: true,
} as const satisfies ServiceSection;

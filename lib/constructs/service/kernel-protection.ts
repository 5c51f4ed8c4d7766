import type { ServiceSection } from '../../directives/index';

/** Keeps a program from changing anything of the kernel that the whole host shares. systemd.exec(5) */
export const KERNEL_PROTECTION = {
  ProtectKernelTunables: true,
  ProtectKernelModules: true,
  ProtectKernelLogs: true,
  ProtectControlGroups: true,
  ProtectClock: true,
  ProtectHostname: true,
} as const satisfies ServiceSection;

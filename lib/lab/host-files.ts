import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file that makes the common root filesystem one particular host. */
export type HostFile =
  | { readonly path: string; readonly content: string; readonly mode?: number }
  | { readonly path: string; readonly target: string };

/** What makes a host itself; fixed when its disk is made. */
export interface HostIdentity {
  readonly hostname: string;
  /** 32 hexadecimal digits, see machine-id(5). */
  readonly machineId: string;
  /** Public key that may log in as root. */
  readonly authorizedKey: string;
  readonly hostKey: { readonly private: string; readonly public: string };
}

/** What the machine gives a host; may differ at every start. */
export interface HostSurroundings {
  readonly address: string;
  /** Limits that nobody in the lab can raise. */
  readonly hardLimits: { readonly nofile: number; readonly nproc: number };
  /** Whether the number of processes can be limited. */
  readonly pidsController: boolean;
}

/** Units that act on the shared kernel or on hardware, rather than on the lab. */
const MASKED = [
  'console-getty.service',
  'fstrim.timer',
  'getty@tty1.service',
  'getty-static.service',
  'kmod-static-nodes.service',
  'proc-sys-fs-binfmt_misc.automount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'systemd-binfmt.service',
  'systemd-journald-audit.socket',
  'systemd-modules-load.service',
  'systemd-pstore.service',
  'systemd-random-seed.service',
  'systemd-sysctl.service',
  'systemd-timesyncd.service',
];

/** On cgroup version 1: keeps podman from warning about it, and lets systemd-nspawn start OCI bundles. */
const ENVIRONMENT = ['PODMAN_IGNORE_CGROUPSV1_WARNING=1', 'SYSTEMD_NSPAWN_USE_CGNS=1'];

/** What podman asks for when nobody tells it otherwise. */
const PODMAN_LIMIT = 1048576;

export function identityFiles({ hostname, machineId, authorizedKey, hostKey }: HostIdentity): HostFile[] {
  return [
    { path: 'etc/hostname', content: `${hostname}\n` },
    { path: 'etc/hosts', content: `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n::1 localhost\n` },
    { path: 'etc/machine-id', content: `${machineId}\n`, mode: 0o444 },
    { path: 'etc/resolv.conf', content: '# The lab reaches no name server.\n' },
    { path: 'root/.ssh/authorized_keys', content: authorizedKey, mode: 0o600 },
    { path: 'etc/ssh/ssh_host_ed25519_key', content: hostKey.private, mode: 0o600 },
    { path: 'etc/ssh/ssh_host_ed25519_key.pub', content: hostKey.public },
    { path: 'etc/ssh/sshd_config.d/lab.conf', content: SSHD },
    { path: 'etc/environment', content: `${ENVIRONMENT.join('\n')}\n` },
    { path: 'etc/systemd/system.conf.d/lab.conf', content: `[Manager]\nDefaultEnvironment=${ENVIRONMENT.join(' ')}\n` },
    // The kernel's messages are the machine's.
    { path: 'etc/systemd/journald.conf.d/lab.conf', content: '[Journal]\nReadKMsg=no\n' },
    ...MASKED.map((unit) => ({ path: `etc/systemd/system/${unit}`, target: '/dev/null' })),
  ];
}

/** Many short sessions at once, without name lookups and without penalties for those that break off. */
const SSHD = `PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
MaxSessions 100
MaxStartups 100
PerSourcePenalties no
`;

export function surroundingsFiles({ address, hardLimits, pidsController }: HostSurroundings): HostFile[] {
  const nofile = Math.min(hardLimits.nofile, PODMAN_LIMIT);
  const nproc = Math.min(hardLimits.nproc, PODMAN_LIMIT);
  const limited = nofile < PODMAN_LIMIT || nproc < PODMAN_LIMIT;
  const containers = [
    '[containers]',
    ...(limited ? [`default_ulimits = ["nofile=${nofile}:${nofile}", "nproc=${nproc}:${nproc}"]`] : []),
    ...(pidsController ? [] : ['pids_limit = 0']),
  ];
  // No default route: what would leave the lab fails at once instead of timing out.
  const uplink = ['[Match]', 'Name=host0', '', '[Network]', `Address=${address}/24`, 'LinkLocalAddressing=no'];
  return [
    { path: 'etc/containers/containers.conf.d/lab.conf', content: `${containers.join('\n')}\n` },
    { path: 'etc/systemd/network/10-uplink.network', content: `${uplink.join('\n')}\n` },
  ];
}

/** @param limits Content of /proc/self/limits. */
export function parseHardLimits(limits: string): HostSurroundings['hardLimits'] {
  const hard = (name: string) => {
    const value = limits.match(new RegExp(`^${name} +\\S+ +(\\S+)`, 'm'))?.[1];
    return value === undefined || value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value);
  };
  return { nofile: hard('Max open files'), nproc: hard('Max processes') };
}

/** Writes files below the root of a host, whatever this process's umask is. */
export async function writeHostFiles(root: string, files: readonly HostFile[]): Promise<void> {
  for (const file of files) {
    await makeDirectories(root, dirname(file.path));
    const path = join(root, file.path);
    if ('target' in file) {
      await rm(path, { force: true });
      await symlink(file.target, path);
    } else {
      await writeFile(path, file.content);
      await chmod(path, file.mode ?? 0o644);
    }
  }
}

async function makeDirectories(root: string, path: string): Promise<void> {
  if (path === '.') return;
  await makeDirectories(root, dirname(path));
  await mkdir(join(root, path), { recursive: true });
  await chmod(join(root, path), path.split('/')[0] === 'root' ? 0o700 : 0o755);
}

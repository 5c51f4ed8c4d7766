import { command, succeeds } from './command';
import type { Progress } from './progress';

/** Debian package of each command that the lab uses on this machine. */
const PACKAGES = {
  flock: 'util-linux',
  ip: 'iproute2',
  mmdebstrap: 'mmdebstrap',
  nsenter: 'util-linux',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  unshare: 'util-linux',
} as const;

export type RequiredCommand = keyof typeof PACKAGES;

/**
 * Sees to it that commands exist on this machine, and installs their Debian packages where they are missing.
 * @throws Error that names the packages when there is no apt to install them with.
 */
export async function requireCommands(
  commands: readonly RequiredCommand[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const missing: RequiredCommand[] = [];
  for (const name of commands) if (!(await exists(name))) missing.push(name);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => PACKAGES[name]))];
  if (!(await exists('apt-get'))) {
    throw new Error(`Cannot start a lab: ${missing.join(', ')} not found, expected the package ${packages.join(', ')}`);
  }
  progress(`installing ${packages.join(', ')}`);
  await aptInstall(packages, signal).catch(async (error: unknown) => {
    if (signal?.aborted) throw error;
    await aptUpdate(signal);
    await aptInstall(packages, signal);
  });
}

export function aptUpdate(signal?: AbortSignal): Promise<string> {
  return command(['apt-get', 'update', '-q'], { signal });
}

function aptInstall(packages: readonly string[], signal?: AbortSignal): Promise<string> {
  const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  return command(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', ...options, ...packages], { signal });
}

function exists(name: string): Promise<boolean> {
  return succeeds(['sh', '-c', 'command -v "$1"', 'sh', name]);
}

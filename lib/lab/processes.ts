import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabCgroups } from './cgroups';
import { succeeds } from './command';
import type { LabPaths } from './paths';
import type { Subnet } from './subnet';

/** Starts the processes of a lab; they outlive this one. Its console output goes to `console.log` of the state. */
export function launch(paths: LabPaths, rootfs: string, { gateway }: Subnet, cgroups: LabCgroups): ChildProcess {
  const log = openSync(join(paths.state, 'console.log'), 'w');
  const child = spawn('/bin/sh', [join(__dirname, '..', 'lab', 'init.sh'), 'launch'], {
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      LAB_STATE: paths.state,
      LAB_ROOTFS: rootfs,
      LAB_HOSTNAME: paths.hostname,
      LAB_LINK: paths.link,
      LAB_GATEWAY: gateway,
      LAB_CGROUPS: cgroups.directories.join(' '),
      LAB_CGROUP_V1: cgroups.version1.join(' '),
    },
  });
  closeSync(log);
  child.unref();
  return child;
}

/**
 * Whether the lab's processes run. They hold a lock on `pid` of the state, which neither a kill nor a reboot of the
 * machine can leave behind, so that no stale pid is ever mistaken for the lab.
 */
export async function isRunning({ state }: LabPaths): Promise<boolean> {
  const file = join(state, 'pid');
  return existsSync(file) && !(await succeeds(['flock', '-n', file, 'true']));
}

/** Process id, on the machine, of the lab's systemd. */
export async function initPid({ state }: LabPaths): Promise<number | undefined> {
  const unshare = Number(await readFile(join(state, 'pid'), 'utf8').catch(() => ''));
  const children = await readFile(`/proc/${unshare}/task/${unshare}/children`, 'utf8').catch(() => '');
  return Number(children.trim().split(' ')[0]) || undefined;
}

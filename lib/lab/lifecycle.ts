import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCgroups, destroyCgroups, hasPidsController, type LabCgroups, labCgroups } from './cgroups';
import { command, succeeds } from './command';
import { parseHardLimits, surroundingsFiles, writeHostFiles } from './host-files';
import { withLock } from './lock';
import type { LabPaths } from './paths';
import { initPid, isRunning, launch } from './processes';
import { type LabRecord, writeRecord } from './record';
import { rootfsAt } from './rootfs';
import { signalProcess } from './signal';
import { knownHost, sshConfig } from './ssh-config';
import { chooseSubnet, type Subnet, subnet, subnetsIn } from './subnet';

/** SIGRTMIN+5: reboot in an orderly way, see systemd(1). */
const REBOOT = 39;

/** Held from the choice of a subnet until it is seen to be in use. */
const SUBNETS_LOCK = '/run/bulkhead/lab/.subnets.lock';

/**
 * Starts the processes of a lab on its disk. They outlive this process, and are not ready yet on return.
 * @returns What the lab is to remember.
 */
export async function start(paths: LabPaths, record: LabRecord): Promise<LabRecord> {
  const { root } = rootfsAt(record.rootfs);
  if (!existsSync(root)) {
    throw new Error(
      `Cannot boot lab "${paths.name}": "${root}" was removed, expected the root of its disk; ` +
        'run "bulkhead lab down" and start again',
    );
  }
  await kill(paths);
  const cgroups = await cgroupsOf(paths);
  await createCgroups(cgroups);
  return withLock(SUBNETS_LOCK, async () => {
    // An earlier link of this lab may be on its way out still; it must not make the lab change its address.
    await succeeds(['ip', 'link', 'delete', 'dev', paths.link]);
    const inUse = await command(['sh', '-c', 'ip -4 -o address; ip -4 route show table all']);
    const started = { ...record, subnet: chooseSubnet(subnetsIn(inUse), record.subnet) };
    await writeRecord(paths.state, started);
    const link = subnet(started.subnet);
    await introduceToSsh(paths, link);
    const files = surroundingsFiles({
      address: link.address,
      hardLimits: parseHardLimits(await readFile('/proc/self/limits', 'utf8')),
      pidsController: await hasPidsController(cgroups),
    });
    await writeHostFiles(join(paths.state, 'disk', 'upper'), files);
    const launcher = launch(paths, root, link, cgroups);
    while (launcher.exitCode === null && !(await succeeds(['ip', 'link', 'show', 'dev', paths.link]))) await sleep(10);
    return started;
  });
}

async function introduceToSsh(paths: LabPaths, { address }: Subnet): Promise<void> {
  const ssh = (file: string) => join(paths.state, 'ssh', file);
  const hostKey = await readFile(ssh('ssh_host_ed25519_key.pub'), 'utf8');
  await writeFile(ssh('known_hosts'), knownHost(address, hostKey));
  const target = { address, identityFile: ssh('id_ed25519'), knownHostsFile: ssh('known_hosts') };
  await writeFile(join(paths.state, 'ssh_config'), sshConfig(target));
}

/** Lets the services stop, as a reboot would, for 30 s at most. */
export async function shutDown(paths: LabPaths): Promise<void> {
  const init = await initPid(paths);
  if (init) signalProcess(init, REBOOT);
  const deadline = Date.now() + 30_000;
  while ((await isRunning(paths)) && Date.now() < deadline) await sleep(50);
}

/** Ends whatever runs of a lab, or is left of it, at once. */
export async function kill(paths: LabPaths): Promise<void> {
  await destroyCgroups(await cgroupsOf(paths));
}

async function cgroupsOf(paths: LabPaths): Promise<LabCgroups> {
  return labCgroups(await readFile('/proc/mounts', 'utf8'), paths.cgroup);
}

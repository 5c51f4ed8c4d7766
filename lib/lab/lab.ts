import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { labCommandLine } from '../manifest/host';
import { waitUntilBooted } from './boot';
import { command } from './command';
import { packageNames } from './extra-packages';
import { type LabGuest, labGuest } from './guest';
import type { LabImages } from './images';
import type { LabInfo, LabOptions, LabStatus } from './lab-info';
import { kill, shutDown, start } from './lifecycle';
import { withLock } from './lock';
import { requireCommands } from './packages';
import { type LabPaths, labNames, labPaths } from './paths';
import { isRunning } from './processes';
import type { Progress } from './progress';
import { type LabRecord, readRecord } from './record';
import { baseRootfs, imagesOf, type Rootfs } from './rootfs';
import { createState, removeState } from './state';
import { subnet } from './subnet';

const STATUS = 'systemctl is-system-running; systemctl --failed --plain --no-legend | cut -d" " -f1';

/**
 * A practice host: Debian 13 with systemd as PID 1, podman, systemd-nspawn and sshd, in namespaces of this machine.
 * It needs root, and has no network beyond this machine: no registry, no name server, no package archive.
 * It shares this machine's kernel. It is not a security boundary: do not run untrusted code in it.
 */
export class Lab {
  private readonly paths: LabPaths;
  private readonly packages: readonly string[];

  get name(): string {
    return this.paths.name;
  }

  /** @throws Error for a name that is not a host name label, and for names that no Debian package can have. */
  constructor({ name, home, packages = [] }: LabOptions = {}) {
    this.paths = labPaths(name, home);
    this.packages = packageNames(packages);
  }

  /** All labs of a home, by name: those that run, those that are stopped, and what is left of one that was cut off. */
  static async all(home?: string): Promise<Lab[]> {
    return (await labNames(home)).map((name) => new Lab({ name, ...(home !== undefined && { home }) }));
  }

  /**
   * Archives of a small BusyBox image that serves a page on port 80, to try services with.
   * @throws Error when no lab was started by this version of Bulkhead, because the first start makes them.
   */
  static images(): LabImages {
    return imagesOf(builtBase());
  }

  /**
   * A kernel of Debian, and a BusyBox that boots from it and serves a page on port 80, to try virtual machines with. The
   * first call downloads the kernel, 37 MB, and takes some seconds.
   * @throws Error when no lab was started by this version of Bulkhead, and for what the download lacks.
   */
  static guest(): LabGuest {
    return labGuest(join(builtBase().root, 'bin', 'busybox'));
  }

  /**
   * Boots the lab and resolves once it answers on ssh and systemd is done booting; at once if it is up. The first
   * start on a machine builds the root filesystem from Debian packages: half a minute and 300 MB. After that it takes
   * 2 to 4 seconds. A lab that was killed or left by a crash is booted again with its disk.
   * @throws Error that names the packages which do not exist, or which the lab was made without.
   * @throws Error with the last console messages when it does not boot.
   */
  async up(progress: Progress = () => undefined, signal?: AbortSignal): Promise<LabInfo> {
    requireRoot('start');
    await requireCommands(['flock', 'ip', 'nsenter', 'ssh', 'ssh-keygen', 'unshare'], progress, signal);
    return withLock(
      this.paths.lock,
      async () => {
        const record = await readRecord(this.paths.state);
        if (record) this.requirePackages(record);
        if (record && (await isRunning(this.paths))) return this.ready(record, signal);
        return this.boot(record ?? (await createState(this.paths, this.packages, progress, signal)), progress, signal);
      },
      signal,
      () => progress('waiting for another command to be done with this lab'),
    );
  }

  /** Ends the lab without ado and removes everything that it wrote. Nothing happens when there is none. */
  async down(): Promise<void> {
    requireRoot('stop');
    await withLock(this.paths.lock, async () => {
      await kill(this.paths);
      await removeState(this.paths);
    });
  }

  /**
   * Reboots the host: its processes, `/run` and `/tmp` are gone, its disk is kept. Services get 30 s to stop.
   * @throws Error when the lab is not up.
   */
  async restart(progress: Progress = () => undefined, signal?: AbortSignal): Promise<LabInfo> {
    requireRoot('restart');
    return withLock(
      this.paths.lock,
      async () => {
        const record = await readRecord(this.paths.state);
        if (!record || !(await isRunning(this.paths))) {
          throw new Error(
            `Cannot restart lab "${this.paths.name}": it is not up, run "${labCommandLine('up', this.name)}" first`,
          );
        }
        progress('shutting down');
        await shutDown(this.paths);
        return this.boot(record, progress, signal);
      },
      signal,
    );
  }

  async status(): Promise<LabStatus> {
    requireRoot('look at');
    const { name } = this.paths;
    const record = await readRecord(this.paths.state);
    if (!record) return { name, state: 'absent', failedUnits: [] };
    if (!(await isRunning(this.paths))) return { name, state: 'stopped', failedUnits: [] };
    const answer = await command(this.sshArgv([STATUS])).catch(() => '');
    const [system, ...failedUnits] = answer.trim().split('\n');
    return { name, state: 'running', info: this.info(record), system: system || 'unreachable', failedUnits };
  }

  /** The command that runs a command in the lab as root, or opens a shell. Arguments are joined as ssh(1) does. */
  sshArgv(command: readonly string[] = []): [string, ...string[]] {
    return ['ssh', '-F', join(this.paths.state, 'ssh_config'), 'lab', ...command];
  }

  /** The root filesystem below a disk can't be exchanged. */
  private requirePackages({ packages }: LabRecord): void {
    const missing = this.packages.filter((name) => !packages.includes(name));
    if (missing.length === 0) return;
    const { name } = this.paths;
    throw new Error(
      `Cannot add ${missing.join(', ')} to lab "${name}": it was made with ${packages.join(', ') || 'no packages'}, ` +
        `expected a new lab; run "${labCommandLine('down', name)}" first`,
    );
  }

  private async boot(record: LabRecord, progress: Progress, signal?: AbortSignal): Promise<LabInfo> {
    progress('booting');
    const started = await start(this.paths, record);
    try {
      return await this.ready(started, signal);
    } catch (error) {
      if (signal?.aborted) await kill(this.paths);
      throw error;
    }
  }

  private async ready(record: LabRecord, signal?: AbortSignal): Promise<LabInfo> {
    const info = this.info(record);
    await waitUntilBooted(this.paths, info.address, this.sshArgv(), signal);
    return info;
  }

  private info({ subnet: number, packages }: LabRecord): LabInfo {
    const { name, hostname, state } = this.paths;
    return { name, hostname, address: subnet(number).address, sshConfig: join(state, 'ssh_config'), packages };
  }
}

function requireRoot(action: string): void {
  const problem =
    process.platform !== 'linux'
      ? `this is ${process.platform}, expected Linux`
      : process.getuid?.() !== 0 && 'not running as root, expected root; use sudo';
  if (problem) throw new Error(`Cannot ${action} a lab: ${problem}`);
}

function builtBase(): Rootfs {
  const base = baseRootfs();
  if (existsSync(base.directory)) return base;
  throw new Error(
    `Cannot use the test images: "${base.directory}" does not exist, expected a lab of this version; ` +
      'run "bulkhead lab down" and "bulkhead lab up"',
  );
}

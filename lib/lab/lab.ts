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
 * A practice host: Debian 13 with systemd as PID 1, podman, systemd-nspawn and sshd, in namespaces of this machine. It
 * needs root. It can reach only this machine, so it has no registry, no name server and no package archive. It shares
 * this machine's kernel. It is not a security boundary: do not run untrusted code in it.
 */
export class Lab {
  private readonly paths: LabPaths;
  private readonly packages: readonly string[];

  get name(): string {
    return this.paths.name;
  }

  /** @throws Error for a name that is not a host name label, and for an invalid name of a Debian package */
  constructor({ name, home, packages = [] }: LabOptions = {}) {
    this.paths = labPaths(name, home);
    this.packages = packageNames(packages);
  }

  /** All practice hosts in a home, by name: running ones, stopped ones, and the remains of interrupted ones. */
  static async all(home?: string): Promise<Lab[]> {
    return (await labNames(home)).map((name) => new Lab({ name, ...(home !== undefined && { home }) }));
  }

  /**
   * Archives of a small BusyBox image that serves a page on port 80, for experiments.
   * @throws Error when this version of Bulkhead has not started a practice host yet, since the first start builds the
   * archives
   */
  static images(): LabImages {
    return imagesOf(builtBase());
  }

  /**
   * A Debian kernel, and a BusyBox initrd that boots with it and serves a page on port 80, for experiments with virtual
   * machines. The first call downloads the kernel, 37 MB, which takes some seconds.
   * @throws Error when this version of Bulkhead has not started a practice host yet, and when the download fails
   */
  static guest(): LabGuest {
    return labGuest(join(builtBase().root, 'bin', 'busybox'));
  }

  /**
   * Boots the practice host, and resolves once it answers over SSH and systemd has finished booting. If it runs
   * already, it resolves at once. The first start on a machine builds the root file system from Debian packages, which
   * takes half a minute and 300 MB. Later starts take 2 to 4 seconds. A practice host that was killed or has crashed
   * boots again with its disk.
   * @throws Error that names the packages that do not exist, or that an existing practice host lacks
   * @throws Error with the last console messages when it does not boot
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
      () => progress('waiting for another command that uses this lab'),
    );
  }

  /** Stops the practice host at once, and deletes everything that it wrote. If there is none, nothing happens. */
  async down(): Promise<void> {
    requireRoot('stop');
    await withLock(this.paths.lock, async () => {
      await kill(this.paths);
      await removeState(this.paths);
    });
  }

  /**
   * Reboots the practice host. Its processes, `/run` and `/tmp` are lost, its disk is kept. Services get 30 s to stop.
   * @throws Error when the practice host does not run
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

  /**
   * The command that runs a command in the practice host as root, or opens a shell. Arguments are joined as in ssh(1).
   */
  sshArgv(command: readonly string[] = []): [string, ...string[]] {
    return ['ssh', '-F', join(this.paths.state, 'ssh_config'), 'lab', ...command];
  }

  /** The root file system below an existing disk can't be replaced. */
  private requirePackages({ packages }: LabRecord): void {
    const missing = this.packages.filter((name) => !packages.includes(name));
    if (missing.length === 0) return;
    const { name } = this.paths;
    throw new Error(
      `Cannot add ${missing.join(', ')} to lab "${name}": it was created with ${packages.join(', ') || 'no packages'}, ` +
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

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntilBooted } from './boot';
import { command } from './command';
import type { LabImages } from './images';
import { kill, shutDown, start } from './lifecycle';
import { withLock } from './lock';
import { requireCommands } from './packages';
import { type LabPaths, labPaths } from './paths';
import { isRunning } from './processes';
import { type LabRecord, readRecord } from './record';
import { currentRootfs } from './rootfs';
import { createState, removeState } from './state';
import { subnet } from './subnet';

const STATUS = 'systemctl is-system-running; systemctl --failed --plain --no-legend | cut -d" " -f1';

export interface LabOptions {
  /**
   * Which lab; labs of different names run side by side. Letters a-z, digits and `-`.
   * @default 'default'
   */
  readonly name?: string;
  /**
   * Directory of the state of all labs, on a file system that can carry an overlay.
   * @default BULKHEAD_LAB_HOME in the environment, or `/var/lib/bulkhead/lab`
   */
  readonly home?: string;
}

/** How to reach a lab. */
export interface LabInfo {
  readonly name: string;
  readonly hostname: string;
  /** IPv4 address, reachable from this machine only. */
  readonly address: string;
  /** For `ssh -F <sshConfig> lab`. */
  readonly sshConfig: string;
}

export interface LabStatus {
  readonly name: string;
  /** `absent`: there is none; `stopped`: its disk is kept, and `up` boots it again. */
  readonly state: 'absent' | 'stopped' | 'running';
  readonly info?: LabInfo;
  /** What systemd says of the running host: `running`, `degraded`, `starting`, ... */
  readonly system?: string;
  /** Names of the units that have failed. */
  readonly failedUnits: readonly string[];
}

/**
 * A practice host: Debian 13 with systemd as PID 1, podman, systemd-nspawn and sshd, in namespaces of this machine.
 * Needs root. It shares the machine's kernel, so it is no security boundary: do not run in it what you do not trust.
 */
export class Lab {
  private readonly paths: LabPaths;

  /** @throws Error for a name that is no host name label. */
  constructor({ name, home }: LabOptions = {}) {
    this.paths = labPaths(name, home);
  }

  /**
   * Archives of a small BusyBox image that serves a page on port 80, to try services with.
   * @throws Error when no lab was started by this version of Bulkhead, because the first start makes them.
   */
  static images(): LabImages {
    const { directory, images } = currentRootfs();
    if (existsSync(directory)) return images;
    throw new Error(
      `Cannot use the test images: "${directory}" does not exist, expected a lab of this version; ` +
        'run "bulkhead lab down" and "bulkhead lab up"',
    );
  }

  /**
   * Boots the lab and resolves once it answers on ssh and systemd is done booting; at once if it is up. The first
   * start on a machine builds the root filesystem from Debian packages: half a minute and 300 MB. After that it takes
   * 2 to 4 seconds. A lab that was killed or left by a crash is booted again with its disk.
   * @throws Error with the last console messages when it does not boot.
   */
  async up(progress: (message: string) => void = () => undefined, signal?: AbortSignal): Promise<LabInfo> {
    requireRoot('start');
    await requireCommands(['flock', 'ip', 'nsenter', 'ssh', 'ssh-keygen', 'unshare'], progress, signal);
    return withLock(
      this.paths.lock,
      async () => {
        const record = await readRecord(this.paths.state);
        if (record && (await isRunning(this.paths))) return this.ready(record, signal);
        return this.boot(record ?? (await createState(this.paths, progress, signal)), progress, signal);
      },
      signal,
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
  async restart(progress: (message: string) => void = () => undefined, signal?: AbortSignal): Promise<LabInfo> {
    requireRoot('restart');
    return withLock(
      this.paths.lock,
      async () => {
        const record = await readRecord(this.paths.state);
        if (!record || !(await isRunning(this.paths))) {
          throw new Error(`Cannot restart lab "${this.paths.name}": it is not up, run "bulkhead lab up" first`);
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

  private async boot(record: LabRecord, progress: (message: string) => void, signal?: AbortSignal): Promise<LabInfo> {
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

  private info({ subnet: number }: LabRecord): LabInfo {
    const { name, hostname, state } = this.paths;
    return { name, hostname, address: subnet(number).address, sshConfig: join(state, 'ssh_config') };
  }
}

function requireRoot(action: string): void {
  const problem =
    process.platform !== 'linux'
      ? `this is ${process.platform}, expected Linux`
      : process.getuid?.() !== 0 && 'not running as root, expected root; use sudo';
  if (problem) throw new Error(`Cannot ${action} a lab: ${problem}`);
}

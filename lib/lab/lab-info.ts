export interface LabOptions {
  /**
   * Name of the practice host: 1 to 32 of a-z, 0-9 and `-`. Practice hosts with different names run side by side, about
   * 15 of them with the kernel's default of fs.inotify.max_user_instances.
   * @default 'default'
   */
  readonly name?: string;
  /**
   * Directory for the state of all practice hosts, on a file system that supports overlays.
   * @default - BULKHEAD_LAB_HOME in the environment, or `/var/lib/bulkhead/lab`
   */
  readonly home?: string;
  /**
   * Debian packages to add to a new practice host, such as `['nginx', 'postgresql']`. Their services are neither
   * enabled nor started. The first practice host with a set of packages downloads and installs them into a copy of the
   * root file system (300 MB), which takes 10 s or more. Later practice hosts with the same set share that copy.
   * @default - none
   */
  readonly packages?: readonly string[];
}

/** How to reach a practice host. */
export interface LabInfo {
  readonly name: string;
  readonly hostname: string;
  /** IPv4 address. Only this machine can reach it. */
  readonly address: string;
  /** Path of the file for `ssh -F FILE lab`. */
  readonly sshConfig: string;
  /** Debian packages that were added, in alphabetical order. */
  readonly packages: readonly string[];
}

export interface LabStatus {
  readonly name: string;
  /** `absent` means that there is none. `stopped` means that its disk is kept, and that `up` boots it again. */
  readonly state: 'absent' | 'stopped' | 'running';
  readonly info?: LabInfo;
  /** State of systemd in the running practice host: `running`, `degraded`, `starting` and others. */
  readonly system?: string;
  /** Names of the failed units. */
  readonly failedUnits: readonly string[];
}

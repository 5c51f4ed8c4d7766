export interface LabOptions {
  /**
   * Which lab; labs of different names run side by side, about 15 of them where the kernel has its default of
   * fs.inotify.max_user_instances. 1 to 32 of a-z, 0-9 and `-`.
   * @default 'default'
   */
  readonly name?: string;
  /**
   * Directory of the state of all labs, on a file system that can carry an overlay.
   * @default BULKHEAD_LAB_HOME in the environment, or `/var/lib/bulkhead/lab`
   */
  readonly home?: string;
  /**
   * Debian packages to add to the lab when it is made, such as `['nginx', 'postgresql']`. Their services are neither
   * enabled nor started. The first lab with a set of packages downloads and installs them, in 10 s or more, into a copy
   * of the common root filesystem (300 MB); later labs with the same set share that copy.
   * @default - none
   */
  readonly packages?: readonly string[];
}

/** How to reach a lab. */
export interface LabInfo {
  readonly name: string;
  readonly hostname: string;
  /** IPv4 address, reachable from this machine only. */
  readonly address: string;
  /** For `ssh -F <sshConfig> lab`. */
  readonly sshConfig: string;
  /** Debian packages that were added to it, in alphabetical order. */
  readonly packages: readonly string[];
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

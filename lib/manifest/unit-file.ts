/** One `Key=value` of a unit file, with its section. */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/**
 * Keys that systemd applies to a running unit after a daemon-reload. They were measured by changing them for a running
 * unit. Resource limits are not among them. Every other key counts as needing a restart.
 */
const RELOADED: Readonly<Record<string, readonly string[]>> = {
  Unit: [
    'Description',
    'Documentation',
    'After',
    'Before',
    'OnFailure',
    'OnSuccess',
    'StartLimitIntervalSec',
    'StartLimitBurst',
  ],
  Service: [
    'Restart',
    'RestartSec',
    'RestartSteps',
    'RestartMaxDelaySec',
    'RestartPreventExitStatus',
    'RestartForceExitStatus',
    'SuccessExitStatus',
    'TimeoutStopSec',
  ],
};

const UNIT_FILE =
  /\/systemd\/.*\.(?:service|socket|timer|path|slice|mount|automount|target|container|pod|network|volume|kube|image|build|nspawn|netdev|link)$/;

/**
 * Whether systemd, Quadlet, systemd-nspawn or networkd reads the file, so that comments and blank lines have no
 * meaning.
 */
export function isUnitFile(path: string): boolean {
  return UNIT_FILE.test(path);
}

/** Whether a daemon-reload is sufficient for the key. [Install] only matters for enabling. */
export function isReloaded({ section, key }: Assignment): boolean {
  return section === 'Install' || RELOADED[section]?.includes(key) === true;
}

/** The assignments of a unit file, in order. Other lines are skipped, since a file on a host may contain anything. */
export function assignments(text: string): Assignment[] {
  const found: Assignment[] = [];
  let section = '';
  let begun = '';
  for (const line of `${text}\n`.split('\n')) {
    if (/^\s*[#;]/.test(line)) continue;
    // In two backslashes, the first one escapes the second.
    const goesOn = /(?<!\\)(?:\\\\)*\\$/.test(line);
    const whole = begun + (goesOn ? `${line.trimStart().slice(0, -1)} ` : line.trim());
    begun = goesOn ? whole : '';
    if (goesOn) continue;
    const name = /^\[(.*)\]$/.exec(whole)?.[1];
    const equals = whole.indexOf('=');
    if (name !== undefined) section = name;
    else if (equals > 0)
      found.push({ section, key: whole.slice(0, equals).trim(), value: whole.slice(equals + 1).trim() });
  }
  return found;
}

/**
 * The part of a file that a starting process sees. If two texts have the same part, no restart is needed between them.
 */
export function readAtStart(path: string, text: string): string {
  if (!isUnitFile(path)) return text;
  return JSON.stringify(
    assignments(text)
      .filter((assignment) => !isReloaded(assignment))
      .map(({ section, key, value }) => [section, key, value]),
  );
}

/** One `Key=value` of a unit file, with the name of its section. */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/**
 * Keys that systemd itself acts on, later than at the start of a process: a daemon-reload makes them effective for a unit
 * that runs. Measured by changing them while one did. Limits of resources are none of them, and any other key is taken
 * to need a restart.
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

/** Whether systemd, Quadlet, systemd-nspawn or networkd reads the file, so that comments and blank lines in it mean nothing. */
export function isUnitFile(path: string): boolean {
  return UNIT_FILE.test(path);
}

/** Whether a daemon-reload is enough for the key to be effective. [Install] is for enabling alone. */
export function isReloaded({ section, key }: Assignment): boolean {
  return section === 'Install' || RELOADED[section]?.includes(key) === true;
}

/** What a unit file assigns, in its order. Lines that are none are left out: a file on a host may hold anything. */
export function assignments(text: string): Assignment[] {
  const found: Assignment[] = [];
  let section = '';
  let begun = '';
  for (const line of `${text}\n`.split('\n')) {
    if (/^\s*[#;]/.test(line)) continue;
    // Of two backslashes the first one escapes the second.
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

/** What of a file's text a process sees that starts: two texts with the same need no restart in between. */
export function readAtStart(path: string, text: string): string {
  if (!isUnitFile(path)) return text;
  return JSON.stringify(
    assignments(text)
      .filter((assignment) => !isReloaded(assignment))
      .map(({ section, key, value }) => [section, key, value]),
  );
}

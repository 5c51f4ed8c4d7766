import { type Health, type Restart, SystemdService } from 'bulkhead';
import { SANDBOX } from '../../lib/constructs/systemd/systemd-sandbox';
import type { Manifest } from '../../lib/manifest';

/** How a program behaves once it is started. */
export interface Pattern {
  readonly script: string;
  readonly restart?: Restart;
  readonly health?: Health;
  /** Whether an apply is to count it as started. */
  readonly starts: boolean;
}

const DELAYS = [0, 0.2, 1, 2, 3, 5] as const;
const SIGNALS = ['KILL', 'SEGV', 'ABRT', 'TERM'] as const;
const CODES = [1, 3, 127, 137, 255] as const;
const UP = 'exec sleep infinity';
/** A program of the unit says that it is ready. */
const READY = '/usr/bin/systemd-notify --ready;';

function patterns(): [string, Pattern][] {
  const all: [string, Pattern][] = [];
  const add = (name: string, pattern: Pattern) => all.push([name, pattern]);
  for (const delay of DELAYS) {
    const wait = delay === 0 ? '' : `sleep ${delay}; `;
    for (const code of CODES)
      add(`exit ${code} after ${delay} s`, { script: `${wait}exit ${code}`, restart: 'no', starts: false });
    for (const signal of SIGNALS)
      add(`SIG${signal} after ${delay} s`, { script: `${wait}kill -${signal} $$`, restart: 'no', starts: false });
    add(`exit 0 after ${delay} s`, { script: `${wait}exit 0`, starts: false });
    add(`exit 1 after ${delay} s, restarted on failure`, { script: `${wait}exit 1`, starts: false });
    add(`exit 0 after ${delay} s, always restarted`, { script: `${wait}exit 0`, restart: 'always', starts: false });
    add(`SIGSEGV after ${delay} s, restarted on abort`, {
      script: `${wait}kill -SEGV $$`,
      restart: 'on-abort',
      starts: false,
    });
    // The program itself says when it counts as started.
    add(`exit 1 after ${delay} s, before it is ready`, {
      script: `${wait}exit 1`,
      restart: 'no',
      health: 'notify',
      starts: false,
    });
    add(`ready after ${delay} s`, { script: `${wait}${READY} ${UP}`, health: 'notify', starts: true });
    const health: Health = {
      command: ['/usr/bin/test', '-e', '/run/crash-patterns-never'],
      interval: '200ms',
      timeout: '7s',
    };
    add(`exit 1 after ${delay} s, before it is healthy`, {
      script: `${wait}exit 1`,
      restart: 'no',
      health,
      starts: false,
    });
  }
  const healthy: Health = { command: ['/bin/true'], timeout: '5s' };
  add('up', { script: UP, starts: true });
  add('up, never restarted', { script: UP, restart: 'no', starts: true });
  add('up and healthy', { script: UP, health: healthy, starts: true });
  add('up and never healthy', {
    script: UP,
    restart: 'no',
    health: { tcp: 9, timeout: '3s', interval: '500ms' },
    starts: false,
  });
  add('up, and a child crashes', { script: `(kill -SEGV $$$$ 2>/dev/null; exit 1) & ${UP}`, starts: true });
  // One that waits for something else: it ends at first, and stays up at the second or third attempt.
  for (const failures of [1, 2])
    add(`exit 1 at the first ${failures} of its starts`, {
      script: `echo x >> $STATE_DIRECTORY/n; [ $(wc -l < $STATE_DIRECTORY/n) -gt ${failures} ] || exit 1; ${UP}`,
      starts: true,
    });
  add('exit 1 once, healthy then', {
    script: `[ -e $STATE_DIRECTORY/n ] || { touch $STATE_DIRECTORY/n; exit 1; }; ${UP}`,
    health: { command: ['/bin/sh', '-c', 'sleep 1; kill -0 $MAINPID'], interval: '200ms' },
    starts: true,
  });
  return all;
}

export const PATTERNS: ReadonlyMap<string, Pattern> = new Map(
  patterns().map(([name, pattern], index) => [`cp-${index}: ${name}`, pattern]),
);

/** Puts a service for each pattern on a host. */
export function makeAll(host: ConstructorParameters<typeof SystemdService>[0]): void {
  for (const [name, { script, restart, health }] of PATTERNS) {
    const id = name.split(':')[0] ?? name;
    new SystemdService(host, id, {
      command: ['/bin/sh', '-c', script],
      stateDirectory: id,
      ...(restart && { restart }),
      ...(health && { health }),
      directives: { Service: { NotifyAccess: 'all', LimitCORE: 0 } },
    });
  }
}

const CLOSES = new RegExp(`^(?:${[...Object.keys(SANDBOX), 'DynamicUser', 'SocketBindDeny'].join('|')})=.*\\n`, 'gm');

/** The same service without its sandbox, which takes the host longer than all else of a start. */
export function opened(manifest: Manifest): Manifest {
  const files = Object.entries(manifest.files).map(([path, { content = '', ...file }]) => [
    path,
    { ...file, content: content.replace(CLOSES, '') },
  ]);
  return { ...manifest, files: Object.fromEntries(files) };
}

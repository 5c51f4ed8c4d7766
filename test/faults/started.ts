import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How long anything may take that is not killed. Far more than it does, also on a machine that is busy. */
const TIMEOUT_MS = 300_000;

export interface Ended {
  /** None when it was killed. */
  readonly code: number | null;
  readonly output: string;
}

/** A program that leads a process group of its own, as one that a shell starts. */
export interface Started {
  readonly ended: Promise<Ended>;
  /** Kills it with all of its process group, and resolves once it has ended. */
  readonly kill: () => Promise<unknown>;
}

export function start(
  [program = '', ...args]: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Started {
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const killGroup = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(killGroup, TIMEOUT_MS);
  const ended = once(child, 'close').then(([code]): Ended => {
    clearTimeout(timer);
    return { code, output: Buffer.concat(output).toString() };
  });
  const kill = () => {
    killGroup();
    return ended;
  };
  return { ended, kill };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/** Runs a program at this process's own terminal. Returns its exit code, 128 + n after signal n. */
export async function runAttached([program = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit' });
  // Ctrl-C at the terminal reaches the program as well, and what it means there is for it to say.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } finally {
    process.off('SIGINT', ignore);
  }
}

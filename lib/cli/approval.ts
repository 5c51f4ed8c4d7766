import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { commandLine } from './command-line';
import { CommandError, Interrupted } from './errors';
import type { Terminal } from './terminal';

/** @throws CommandError at once when approval will be needed and nobody is there to give it */
export function requireApproval(command: string, { autoApprove }: { autoApprove?: boolean }, terminal: Terminal): void {
  if (autoApprove || terminal.interactive) return;
  const why = terminal.json ? '--json asks no questions' : 'there is no terminal to ask at';
  throw new CommandError(`Cannot ${command} without approval: ${why}`, {
    advice: `look at the plan first, then run: ${commandLine('--auto-approve')}`,
  });
}

/** Asks a question that only "yes" answers. */
export async function approve(question: string, signal: AbortSignal): Promise<boolean> {
  // Not as a terminal of readline's: Ctrl-C is to reach this process as the signal that it is everywhere else.
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  try {
    const ended = once(lines, 'close', { signal }).then(() => '');
    const answer = await Promise.race([lines.question(`${question} Only "yes" will do it: `, { signal }), ended]);
    return answer.trim() === 'yes';
  } catch (error) {
    if (signal.aborted) throw new Interrupted((signal.reason as Interrupted).exitCode, 'nothing has been touched');
    throw error;
  } finally {
    lines.close();
  }
}

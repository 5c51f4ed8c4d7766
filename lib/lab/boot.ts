import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, lastLines } from './command';
import type { LabPaths } from './paths';
import { initPid, isRunning } from './processes';

/** On a busy machine of two cores; 2 to 4 s otherwise. */
const TIMEOUT_SEC = 120;

/**
 * Waits until the lab lets root in and systemd has started what it starts at boot.
 * @param ssh Arguments that run a command in the lab.
 * @throws Error with the last messages when the lab stops or takes too long.
 */
export async function waitUntilBooted(
  paths: LabPaths,
  address: string,
  ssh: readonly [string, ...string[]],
  signal?: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.timeout(TIMEOUT_SEC * 1000);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  for (;;) {
    if (await accepts(address, 22)) {
      // Any exit status: a system with a failed unit is up as well.
      const state = await command([...ssh, 'systemctl is-system-running --wait || true'], { signal: either }).catch(
        () => '',
      );
      if (['running', 'degraded'].includes(state.trim())) return;
    }
    signal?.throwIfAborted();
    if (deadline.aborted) throw await bootError(paths, `it did not finish within ${TIMEOUT_SEC} s`);
    if (!(await isRunning(paths))) throw await bootError(paths, 'it stopped');
    await sleep(50);
  }
}

/** Much cheaper than an attempt of ssh, which waits for seconds while the link is not up yet. */
function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 200 });
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

/** With what the lab had to say: on its console, and in its journal as far as that can be reached. */
async function bootError(paths: LabPaths, problem: string): Promise<Error> {
  const console = await readFile(join(paths.state, 'console.log'), 'utf8').catch(() => '');
  const init = await initPid(paths);
  const journal = init
    ? await command(['nsenter', '-t', `${init}`, '-a', 'journalctl', '-b', '-n', '20', '--no-pager']).catch(() => '')
    : '';
  return new Error(`Cannot boot lab "${paths.name}": ${problem}\n${lastLines(`${console}\n${journal}`, 30)}`);
}

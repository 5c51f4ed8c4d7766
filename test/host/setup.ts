import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { Lab } from '../../lib/lab';
import { cdkArgv } from './cdk-clis';
import { removeTestLabs, testLab } from './labs';

/** Starts a practice host for each worker of Jest. `--maxWorkers` says how many there are. */
export default async function setup({ maxWorkers }: { readonly maxWorkers: number }): Promise<void> {
  const { BULKHEAD_TEST_HOST, BULKHEAD_TEST_KEEP, CI } = process.env;
  if (BULKHEAD_TEST_HOST) {
    if (maxWorkers === 1) return;
    throw new Error(
      `Cannot run the host tests on "${BULKHEAD_TEST_HOST}": ${maxWorkers} workers would share it, expected --runInBand`,
    );
  }
  const reason =
    process.platform !== 'linux'
      ? 'not on Linux'
      : process.getuid?.() !== 0
        ? 'the practice host needs root'
        : undefined;
  if (reason) {
    if (CI) throw new Error(`Cannot run the host tests: ${reason}`);
    process.env.BULKHEAD_TEST_SKIP = reason;
    process.stderr.write(`host tests are skipped: ${reason}\n`);
    return;
  }
  removeLabsWhenInterrupted();
  const fetched = fetchCdktf();
  if (!BULKHEAD_TEST_KEEP) await removeTestLabs();
  const labs = Array.from({ length: maxWorkers }, (_, index) => testLab(index + 1));
  try {
    await Promise.all(labs.map((lab) => lab.up((message) => process.stderr.write(`${lab.name}: ${message}\n`))));
    // Before two workers would fetch its kernel at once.
    Lab.guest();
  } catch (error) {
    await removeTestLabs();
    throw error;
  }
  await fetched;
}

/** Jest runs no teardown when it is interrupted. */
function removeLabsWhenInterrupted(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      if (!process.env.BULKHEAD_TEST_KEEP) await removeTestLabs();
      process.exit(128 + constants.signals[signal]);
    });
  }
}

/** Into npm's cache, to which two workers must not add the same package at once. Tests that need it say what is wrong. */
function fetchCdktf(): Promise<void> {
  return new Promise((resolve) => {
    execFile('npx', cdkArgv('cdktf', ['--version']), { env: { ...process.env, CI: '1' } }, () => resolve());
  });
}

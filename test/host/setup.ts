import { Lab } from '../../lib/lab';

/** Starts the practice host of the tests, once for all test files. */
export default async function setup(): Promise<void> {
  if (process.env.BULKHEAD_TEST_HOST) return;
  const reason =
    process.platform !== 'linux'
      ? 'not on Linux'
      : process.getuid?.() !== 0
        ? 'the practice host needs root'
        : undefined;
  if (!reason) {
    await new Lab({ name: 'test' }).up((message) => process.stderr.write(`practice host: ${message}\n`));
    return;
  }
  if (process.env.CI) throw new Error(`Cannot run the host tests: ${reason}`);
  process.env.BULKHEAD_TEST_SKIP = reason;
  process.stderr.write(`host tests are skipped: ${reason}\n`);
}

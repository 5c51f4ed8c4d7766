import { Lab } from '../../lib/lab';

/** Removes the practice host of the tests, unless it was there before or is to be kept to look at. */
export default async function teardown(): Promise<void> {
  const { BULKHEAD_TEST_HOST, BULKHEAD_TEST_SKIP, BULKHEAD_TEST_KEEP } = process.env;
  if (!BULKHEAD_TEST_HOST && !BULKHEAD_TEST_SKIP && !BULKHEAD_TEST_KEEP) await new Lab({ name: 'test' }).down();
}

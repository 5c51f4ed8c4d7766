import { removeTestLabs } from './labs';

/** Removes the practice hosts of the tests, unless they are to be kept to look at. */
export default async function teardown(): Promise<void> {
  const { BULKHEAD_TEST_HOST, BULKHEAD_TEST_SKIP, BULKHEAD_TEST_KEEP } = process.env;
  if (!BULKHEAD_TEST_HOST && !BULKHEAD_TEST_SKIP && !BULKHEAD_TEST_KEEP) await removeTestLabs();
}

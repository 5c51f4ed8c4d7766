import { connect, type RunResult, type Transport } from '../../lib/transport';
import { inventoryOf, shell } from './inventory';
import { testLab } from './labs';

export { shell };

/** Address of the practice host that this worker's tests run on. `setup.ts` has started it. */
export const ADDRESS = (process.env.BULKHEAD_TEST_HOST ?? `lab:${testLab(process.env.JEST_WORKER_ID ?? 1).name}`) as
  | 'lab'
  | `lab:${string}`;

/** Name of that practice host. Names of further ones begin with it, so that no two workers have one in common. */
export const LAB_NAME = ADDRESS.replace(/^lab:?/, '') || 'default';

/** Why the tests of this folder can't run here, if so. */
export const skipReason = process.env.BULKHEAD_TEST_SKIP;

/** A group of tests that need the practice host. */
export const describeHost: (name: string, body: () => void) => void = skipReason
  ? (name, body) => describe.skip(`${name} (skipped: ${skipReason})`, body)
  : describe;

let transport: Transport | undefined;
let ended = new AbortController();
const running = new Set<Promise<unknown>>();

// A test that took too long is over. What it started must not go on beside what comes next.
afterEach(async () => {
  ended.abort(new Error('the test is over'));
  await Promise.allSettled(running);
  ended = new AbortController();
});

/** The connection of this test file. */
export function host(): Transport {
  transport ??= connect({ address: ADDRESS });
  return transport;
}

afterAll(async () => {
  await transport?.close();
  transport = undefined;
});

/** The practice host, for tests to look at it and to change things behind Bulkhead's back. */
export const lab = {
  run: (argv: readonly string[], input?: string | Buffer): Promise<RunResult> => {
    const { signal } = ended;
    const result = host().run(argv, input === undefined ? { signal } : { signal, input: Buffer.from(input) });
    running.add(result);
    return result.finally(() => running.delete(result));
  },

  sh: (script: string, ...args: readonly string[]): Promise<string> => shell(lab, script, ...args),
};

/** All that Bulkhead could leave behind on this host, or on another one, one line each. */
export const inventory = (transport: Transport = host()): Promise<string> => inventoryOf(transport);

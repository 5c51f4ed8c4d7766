import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Combines calls that come at about the same time. Items are collected for `windowMs`, or as long as the previous batch
 * runs, and then passed on together. Batches never overlap.
 * @param run gets the items of a batch, returns one result per item in the same order
 */
export function batch<Item, Result>(
  windowMs: number,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  interface Call {
    readonly item: Item;
    resolve(result: Result): void;
    reject(error: unknown): void;
  }
  let waiting: Call[] = [];
  let running = false;

  async function pump(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      await sleep(windowMs);
      const calls = waiting;
      waiting = [];
      try {
        const results = await run(calls.map((call) => call.item));
        for (const [index, result] of results.entries()) calls[index]?.resolve(result);
      } catch (error) {
        for (const call of calls) call.reject(error);
      }
    }
    running = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!running) void pump();
    });
}

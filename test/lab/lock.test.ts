import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../lib/lab/lock';

const directory = mkdtempSync(join(tmpdir(), 'lock-'));
const path = join(directory, 'below', 'lock');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('lets one piece of work happen after the other', async () => {
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} begins`);
    await new Promise(setImmediate);
    events.push(`${name} ends`);
    return name;
  };
  expect(await Promise.all(['a', 'b', 'c'].map((name) => withLock(path, work(name))))).toEqual(['a', 'b', 'c']);
  expect(events.filter((_, index) => index % 2 === 0).map((event) => event[0])).toEqual(
    events.filter((_, index) => index % 2 === 1).map((event) => event[0]),
  );
});

it('frees the lock when the work fails', async () => {
  await expect(withLock(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await withLock(path, async () => 'free')).toBe('free');
});

it('is freed by the kernel when its holder is killed', async () => {
  const script = `require('tsx/cjs'); require(${JSON.stringify(require.resolve('../../lib/lab/lock'))})
    .withLock(${JSON.stringify(path)}, () => { console.log('held'); return new Promise((end) => setTimeout(end, 60000)); })`;
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  const waiting = withLock(path, async () => 'mine');
  holder.kill('SIGKILL');
  expect(await waiting).toBe('mine');
});

it('stops waiting when the caller gives up', async () => {
  const controller = new AbortController();
  await withLock(path, async () => {
    const waiting = withLock(path, async () => 'never', controller.signal);
    controller.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
  });
  await expect(withLock(path, async () => 'never', controller.signal)).rejects.toThrow('given up');
});

it('tells the caller when somebody else holds the lock for long', async () => {
  let second: Promise<string> | undefined;
  await withLock(path, async () => {
    await new Promise<void>((waiting) => {
      second = withLock(path, async () => 'mine', undefined, waiting);
    });
  });
  expect(await second).toBe('mine');
});

it('says so when there can be no lock', async () => {
  await expect(withLock('/proc/1/lock', async () => undefined)).rejects.toThrow(
    'Cannot lock "/proc/1/lock": flock: cannot open',
  );
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockOf, pruneCache, rootfsDirectories, unfinishedOf, useLink, usesOf } from '../../lib/lab/rootfs-cache';

describe('the cache of root filesystems', () => {
  const saved = process.env.BULKHEAD_LAB_CACHE;
  let cache: string;
  const LONG_AGO = new Date('2020-01-01');

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'lab-cache-'));
    process.env.BULKHEAD_LAB_CACHE = cache;
  });
  afterEach(() => {
    rmSync(cache, { recursive: true });
    if (saved === undefined) delete process.env.BULKHEAD_LAB_CACHE;
    else process.env.BULKHEAD_LAB_CACHE = saved;
  });

  /** A root filesystem that was last used at a time, by labs with these states. */
  function rootfs(name: string, used: Date, ...states: readonly string[]): string {
    const directory = join(cache, name);
    mkdirSync(usesOf(directory), { recursive: true });
    for (const state of states) symlinkSync(state, useLink(directory, state));
    utimesSync(usesOf(directory), used, used);
    return directory;
  }

  const left = async () => (await rootfsDirectories()).map((directory) => directory.slice(cache.length + 1));

  it('keeps what is current, in use, or was asked for in the last days', async () => {
    const current = rootfs('current', LONG_AGO);
    rootfs('used', LONG_AGO, cache);
    rootfs('recent', new Date(Date.now() - 24 * 3600 * 1000));
    rootfs('old', LONG_AGO);
    rootfs('abandoned', LONG_AGO, join(cache, 'no-such-lab'));
    await pruneCache([current]);
    expect(await left()).toEqual(['current', 'recent', 'used']);
  });

  it('removes what an interrupted build left, but not a build that goes on', async () => {
    for (const name of ['interrupted', 'going-on']) mkdirSync(unfinishedOf(join(cache, name)));
    const builder = spawn('flock', [lockOf(join(cache, 'going-on')), 'sh', '-c', 'echo; exec cat'], { stdio: 'pipe' });
    const ended = once(builder, 'exit');
    await once(builder.stdout, 'data');
    await pruneCache([]);
    builder.stdin.end();
    await ended;
    expect(readdirSync(cache).filter((name) => name.endsWith('.unfinished'))).toEqual(['.going-on.unfinished']);
  });
});

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tools } from '../../../lib/engine/kind';
import { machineRoot } from '../../../lib/engine/kinds/machine-root';
import { CutShell, Killed } from './cut-shell';

type Image = 'one' | 'two' | 'three';
type Deed = readonly ['apply' | 'rollback', Image];

let directory: string;
let root: string;
let shell: CutShell;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bulkhead-'));
  root = join(directory, 'host/web');
  mkdirSync(join(directory, 'host'));
  shell = new CutShell(directory);
  for (const image of ['one', 'two', 'three']) {
    mkdirSync(join(directory, 'images', image, 'root'), { recursive: true });
    writeFileSync(join(directory, 'images', image, 'root/version'), image);
  }
});
afterEach(() => rmSync(directory, { recursive: true }));

const imageThere = async () => {
  const { stdout } = await shell.run(['sh', '-c', machineRoot.look], { input: `${root}\n` });
  return stdout.length > 0 ? machineRoot.read(stdout.toString().trim().split('\t')[1] ?? '') : undefined;
};

/** Does what the engine does. */
async function deed(verb: Deed[0], image: Image): Promise<void> {
  const wanted = { spec: { image } };
  const before = { recorded: undefined, isFirst: false, adopt: false };
  const steps = machineRoot.plan?.(root, await imageThere(), wanted, before) ?? [];
  const tools = { isBack: verb === 'rollback' } as Tools;
  for (const step of steps)
    if ('phase' in step) await machineRoot.act(step.phase, shell, [{ name: root, wanted, service: 'web' }], tools);
}

/** Has it killed at one of its programs. @returns whether it came so far */
async function cutOff([verb, image]: Deed, at: number): Promise<boolean> {
  shell.aimAt(at);
  try {
    await deed(verb, image);
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return true;
  } finally {
    shell.aimAt(0);
  }
}

const at = (name: string) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : undefined);
const content = () => ({ version: at('version'), data: at('data') });

/** Applies images one after the other, and writes into each root. */
async function begin(images: readonly Image[]): Promise<void> {
  for (const image of images) {
    await deed('apply', image);
    writeFileSync(join(root, 'data'), `of ${image}`);
  }
}

/** Kills something at each of its programs in turn, and does something else after it. @returns how often */
async function eachCut(images: readonly Image[], what: Deed, then: () => Promise<void>): Promise<number> {
  await begin(images);
  const [host, saved] = [join(directory, 'host'), join(directory, 'saved')];
  cpSync(host, saved, { recursive: true });
  let cuts = 0;
  for (let cut = 1; await cutOff(what, cut); cut++) {
    await then().catch((error: Error) => {
      throw new Error(`cut off at ${cut}: ${error.message}`);
    });
    rmSync(host, { recursive: true });
    cpSync(saved, host, { recursive: true });
    cuts = cut;
  }
  return cuts;
}

const ONE = { version: 'one', data: 'of one' };

test('a root comes back with what was written into it', async () => {
  await begin(['one', 'two']);
  await deed('rollback', 'one');
  expect(content()).toEqual(ONE);
});

test.each<[string, readonly Deed[]]>([
  ['again', [['rollback', 'one']]],
  [
    'again, after an apply',
    [
      ['apply', 'two'],
      ['rollback', 'one'],
    ],
  ],
])('what was written is there after a rollback that was killed and is made %s', async (_, deeds) => {
  const cuts = await eachCut(['one', 'two'], ['rollback', 'one'], async () => {
    for (const [verb, image] of deeds) await deed(verb, image);
    expect(content()).toEqual(ONE);
    expect(await imageThere()).toContain('one');
  });
  expect(cuts).toBeGreaterThan(5);
});

test('an apply after a rollback that was killed has the root that was there, or one from the image', async () => {
  await eachCut(['one', 'two'], ['rollback', 'one'], async () => {
    const placed = (await imageThere())?.startsWith('one');
    await deed('apply', 'two');
    expect(content()).toEqual({ version: 'two', data: placed ? undefined : 'of two' });
  });
});

test('what was written is there after a rollback that was killed, and again in the middle', async () => {
  await eachCut(['one', 'two'], ['rollback', 'one'], async () => {
    for (const middle of [3, 6, 9]) await cutOff(['rollback', 'one'], middle);
    await deed('rollback', 'one');
    expect(content()).toEqual(ONE);
  });
});

test.each<[string, readonly Image[], Deed, Deed]>([
  ['an apply', ['one', 'two'], ['rollback', 'one'], ['apply', 'two']],
  ['a rollback', ['one', 'two'], ['rollback', 'one'], ['rollback', 'one']],
  ['an apply of what was there', ['one'], ['apply', 'two'], ['apply', 'one']],
])('%s after one that was killed leaves no root in between', async (_, images, killed, [verb, image]) => {
  await eachCut(images, killed, async () => {
    await deed(verb, image);
    expect(readdirSync(join(directory, 'host')).filter((name) => name.endsWith('.bulkhead-new'))).toEqual([]);
    expect(content().version).toBe(image);
  });
});

test.each<Deed>([
  ['rollback', 'one'],
  ['apply', 'one'],
])('after an apply that was killed, %s has the root that was there', async (...next) => {
  await eachCut(['one'], ['apply', 'two'], async () => {
    if (next[0] === 'apply' && (await imageThere())?.startsWith('two')) return;
    await deed(...next);
    expect(content()).toEqual(ONE);
  });
});

test('an apply that was killed is finished by the next one, and keeps the root that was there', async () => {
  await eachCut(['one'], ['apply', 'two'], async () => {
    await deed('apply', 'two');
    expect(content()).toEqual({ version: 'two', data: undefined });
    await deed('rollback', 'one');
    expect(content()).toEqual(ONE);
  });
});

test('a root that is half deleted is never placed', async () => {
  await eachCut(['one', 'two'], ['apply', 'three'], async () => {
    await deed('rollback', 'two');
    expect(content()).toEqual({ version: 'two', data: 'of two' });
    await deed('rollback', 'one');
    expect(content().version).toBe('one');
  });
});

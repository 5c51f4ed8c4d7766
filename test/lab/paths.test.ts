import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labNames, labPaths } from '../../lib/lab/paths';

describe('labPaths', () => {
  const saved = process.env.BULKHEAD_LAB_HOME;
  beforeEach(() => {
    delete process.env.BULKHEAD_LAB_HOME;
  });
  afterAll(() => {
    if (saved !== undefined) process.env.BULKHEAD_LAB_HOME = saved;
  });

  it('keeps the state of the default lab where the ssh transport looks for it', () => {
    expect(labPaths()).toMatchObject({ name: 'default', state: '/var/lib/bulkhead/lab/default', hostname: 'lab' });
  });

  it('takes another home from BULKHEAD_LAB_HOME, relative to the working directory', () => {
    process.env.BULKHEAD_LAB_HOME = 'labs';
    expect(labPaths('a').state).toBe(`${process.cwd()}/labs/a`);
  });

  it.each(['a', 'default', 'a-name-that-is-quite-a-bit-longer'.slice(0, 32)])(
    'names the link of "%s" as the kernel allows',
    (name) => {
      expect(labPaths(name).link).toMatch(/^lab-[a-z0-9-]{1,11}$/);
    },
  );

  it('gives no two labs a name in common', () => {
    const labs = [
      labPaths('a'),
      labPaths('b'),
      labPaths('a', '/tmp/home'),
      labPaths('a-very-long-name'),
      labPaths('a-very-long-name2'),
    ];
    for (const key of ['state', 'lock', 'cgroup', 'link'] as const) {
      expect(new Set(labs.map((paths) => paths[key])).size).toBe(labs.length);
    }
  });

  it.each(['', 'A', '../x', '-a', 'a-', 'a b', 'a'.repeat(33)])('refuses the name "%s"', (name) => {
    expect(() => labPaths(name)).toThrow(`Cannot name a lab "${name}": expected`);
  });
});

describe('labNames', () => {
  it('lists labs by name, and those that were cut off', async () => {
    const home = mkdtempSync(join(tmpdir(), 'lab-home-'));
    for (const name of ['web', 'api', '.api.unfinished', '.db.unfinished', '.cache', 'Not a lab']) {
      mkdirSync(join(home, name));
    }
    expect(await labNames(home)).toEqual(['api', 'db', 'web']);
    rmSync(home, { recursive: true });
  });

  it('finds none where there is no home', async () => {
    expect(await labNames('/nonexistent')).toEqual([]);
  });
});

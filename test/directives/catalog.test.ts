import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CATALOGS, type Format, sectionsOf } from '../../lib/directives/catalog';
import { known, parseItems } from './support/known-items';

const manager = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'].find(existsSync);
const whenManager = manager ? test : test.skip;
const because = manager ? '' : ' (skipped: systemd is not installed)';

function run(argument: string): string {
  return spawnSync(manager ?? '', [argument], { encoding: 'utf8' }).stdout;
}

describe('the catalog of units', () => {
  whenManager(`holds the keys that the installed systemd has${because}`, () => {
    const version = Number(/systemd (\d+)/.exec(run('--version'))?.[1]);
    const items = [...parseItems(run('--dump-configuration-items')).keys()];
    expect(items.filter((item) => !known(Number.POSITIVE_INFINITY).includes(item))).toEqual([]);
    expect(known(version).filter((item) => !items.includes(item))).toEqual([]);
  });

  whenManager(`types as boolean what the installed systemd reads as one${because}`, () => {
    for (const [item, type] of parseItems(run('--dump-configuration-items'))) {
      const [section = '', key = ''] = item.split('.');
      const entry = sectionsOf('unit').get(section)?.keys.get(key);
      if (type !== 'BOOLEAN' || entry?.ignoredSince !== undefined) continue;
      expect([item, entry?.kind === 'boolean' || entry?.boolean]).toEqual([item, true]);
    }
  });
});

describe.each(Object.keys(CATALOGS) as Format[])('the catalog of %s', (format) => {
  const entries = [...sectionsOf(format).values()].flatMap((section) =>
    [...section.keys].map(([key, entry]) => ({ at: `${section.name}.${key}`, entry })),
  );

  test('separates the values of a list only where it has one', () => {
    for (const { at, entry } of entries) {
      if (entry.negate) expect([at, entry.list]).toEqual([at, 'space']);
      if (entry.class === 'raw' || entry.class === undefined) expect([at, entry.list]).toEqual([at, undefined]);
    }
  });

  test('names a manual page and an existing replacement', () => {
    for (const { at, entry } of entries) {
      expect(entry.page).toMatch(/^[\w.-]+\(\d\)$/);
      if (typeof entry.deprecated === 'string')
        expect([at, entries.some((other) => other.at.endsWith(`.${entry.deprecated}`))]).toEqual([at, true]);
    }
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecord, writeRecord } from '../../lib/lab/record';

const home = mkdtempSync(join(tmpdir(), 'record-'));
const state = join(home, 'mine');
mkdirSync(state);
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('reads back what it wrote', async () => {
  await writeRecord(state, { rootfs: '/cache/a', packages: ['nginx'], subnet: 3 });
  expect(await readRecord(state)).toEqual({ rootfs: '/cache/a', packages: ['nginx'], subnet: 3 });
});

it('reads nothing where there is no lab', async () => {
  expect(await readRecord(join(state, 'absent'))).toBeUndefined();
});

it.each(['', '{', 'null', '{"rootfs":1,"subnet":2}', '{"rootfs":"/a"}'])(
  'refuses %j and says the way out',
  async (text) => {
    writeFileSync(join(state, 'lab.json'), text);
    await expect(readRecord(state)).rejects.toThrow(
      /^Cannot read ".*\/lab.json": it is damaged.*run "bulkhead lab down --name mine"$/,
    );
  },
);

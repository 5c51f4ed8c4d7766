import { gzipSync } from 'node:zlib';
import { recordAsApplied, type ServiceRecord } from '../../../lib/engine';
import { readState } from '../../../lib/engine/observe/read';
import { recordFile } from '../../../lib/engine/ownership';
import { type TarFile, tarOf } from '../../../lib/engine/tar';
import type { Manifest } from '../../../lib/manifest';
import fc from '../../fast-check';
import { UNIT, web } from '../fixtures';

const HOME = '/home/shop';
const QUADLET = `${HOME}/.config/containers/systemd/data.volume`;
const data: Manifest = {
  ...web,
  name: 'data',
  user: 'shop',
  files: { [QUADLET]: { content: '[Volume]\n', mode: '0644', owner: 'shop', group: 'shop' } },
  units: { 'data-volume.service': { state: 'active', restartOn: [QUADLET] } },
  objects: { 'podman-volume:data': { unit: 'data-volume.service' } },
};

const tar = async (files: readonly TarFile[]): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of (await tarOf(files)).open()) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const file = (path: string, content: string): TarFile => ({
  path,
  content,
  mode: '0644',
  owner: 'root',
  group: 'root',
});

/** The output of the script that has these sections. */
function frame(sections: Readonly<Record<string, Buffer | string>>): Buffer {
  const bodies = Object.entries(sections).map(([name, body]) => [name, Buffer.from(body)] as const);
  const head = bodies.map(([name, body]) => `${body.length} ${name}\n`).join('');
  return Buffer.concat([Buffer.from(`${head}\n`), ...bodies.map(([, body]) => body)]);
}

/** What a host says that has a service of root and one of a user. */
async function sections() {
  const records = [web, data].map((manifest) => recordFile(recordAsApplied(manifest)));
  const theirs = await tar([file(QUADLET, '[Volume]\n')]);
  return {
    facts: 'os Debian\nversion systemd systemd 257\n',
    units: 'Active=web.service\n',
    overrides: `${UNIT}\0\0`,
    files: Buffer.concat([Buffer.from('\0'), await tar([file(UNIT, '[Service]\n')])]),
    records: Buffer.concat([Buffer.from('\0'), await tar(records)]),
    instances: '',
    'user@shop': `uid 1000\nhome ${HOME}\nrunning yes\n`,
    'units@shop': 'Active=data-volume.service\n',
    'overrides@shop': `${QUADLET}\0\0`,
    'podman-volume@shop': 'data\t\n',
    'files@shop': Buffer.concat([Buffer.from('\0'), theirs]),
  };
}

test('each section is read as what it is', async () => {
  const state = readState(frame(await sections()), [web, data]);
  expect([...(state?.records.keys() ?? [])]).toEqual(['web', 'data']);
  expect([...(state?.files.keys() ?? [])]).toEqual([UNIT, QUADLET]);
  expect(state?.units.get('web.service')?.activeState).toBe('active');
  expect(state?.users.get('shop')?.scope.objects.has('podman-volume:data')).toBe(true);
});

test('a version is stale that is there, and that the record of its service does not keep', async () => {
  const record = { ...recordAsApplied(web), generation: 3, previous: [{ number: 2, objects: [] }] };
  const staleOf = async (change: Partial<ServiceRecord>) => {
    const records = Buffer.concat([Buffer.from('\0'), await tar([recordFile({ ...record, ...change })])]);
    const generations = 'other/1\nweb/1\nweb/2\nweb/3\nweb/x\n';
    return readState(frame({ ...(await sections()), records, generations }), [])?.records.get('web')?.stale;
  };
  expect(await staleOf({})).toEqual([1, 3]);
  expect(await staleOf({ begun: true })).toEqual([1]);
  expect(readState(frame(await sections()), [])?.records.get('web')).not.toHaveProperty('stale');
});

test('output that is cut off, or goes on, is not read', async () => {
  const output = frame(await sections());
  fc.assert(fc.property(fc.nat(output.length - 1), (end) => readState(output.subarray(0, end), []) === undefined));
  expect(readState(Buffer.concat([output, Buffer.from('x')]), [])).toBeUndefined();
  expect(readState(frame({ 'Units!': '' }), [])).toBeUndefined();
});

test('nothing that a user makes the look print counts for anybody else', async () => {
  const honest = await sections();
  const forged = await tar([
    recordFile(recordAsApplied({ ...web, name: 'forged' })),
    file(UNIT, 'forged'),
    file('/etc/passwd', 'forged'),
  ]);
  const own = Object.keys(honest).filter((name) => name.endsWith('@shop') && name !== 'user@shop');
  const path = fc.constantFrom(UNIT, '/srv/precious', `${HOME}/.config/systemd/user/../../../x`, `${HOME}//x`, '', 'x');
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    fc.array(path).map((paths) => Buffer.from(paths.map((each) => `${each}\0data-volume.service\0`).join(''))),
    fc.constantFrom(
      Buffer.concat([Buffer.from('\0'), forged]),
      Buffer.concat([Buffer.from('\0'), gzipSync(forged)]),
      Buffer.from('0644 root root /srv/precious\0\0'),
      Buffer.from('\n== units\nActive=forged.service\nNames=web.service\nActiveState=failed\n'),
      Buffer.from('0 records\n\n'),
    ),
  );
  const without = readState(frame({ ...honest, ...Object.fromEntries(own.map((name) => [name, ''])) }), [web, data]);
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...own), hostile), (said) => {
      const state = readState(frame({ ...honest, ...said }), [web, data]);
      const { users, files, ...others } = state ?? { users: new Map(), files: new Map() };
      const { users: _, files: __, ...expected } = without ?? { users: new Map(), files: new Map() };
      expect(others).toEqual(expected);
      expect(files.get(UNIT)?.content?.toString()).toBe('[Service]\n');
      expect([...files.keys()].filter((key) => key !== QUADLET)).toEqual([UNIT]);
      for (const override of users.get('shop')?.scope.overrides ?? [])
        expect(override.path).toMatch(/^\/home\/shop\/\.config\/(?!.*\/\.\.?(\/|$))|^\/run\/user\/1000\//);
    }),
  );
});

test('a user who does not answer, or answers too much, has a problem, and nobody else has', async () => {
  const honest = await sections();
  expect(readState(frame({ ...honest, 'late@shop': '20\n' }), [])?.users.get('shop')?.problem).toBe(
    'the programs of shop did not answer within 20 seconds',
  );
  const flood = Buffer.alloc(8 * 1024 * 1024, 'x');
  expect(readState(frame({ ...honest, 'overrides@shop': flood }), [])?.users.get('shop')?.problem).toBe(
    'the answers of the programs of shop are larger than 8 MiB',
  );
});

test('what is not a record is named, and others are read', async () => {
  const honest = await sections();
  const records = '/var/lib/bulkhead/services';
  const odd = await tar([file(`${records}/cut`, '{"manifest"')]);
  const large = `0600 root root ${records}/large\0\0`;
  const state = readState(frame({ ...honest, records: Buffer.concat([Buffer.from(large), odd]) }), []);
  expect(Object.fromEntries(state?.damaged ?? [])).toEqual({
    cut: 'is damaged, expected the content that Bulkhead wrote',
    large: 'is too large, or not a regular file',
  });
});

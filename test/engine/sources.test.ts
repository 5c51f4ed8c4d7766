import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sources } from '../../lib/engine';
import { web } from './fixtures';

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'bulkhead-'));
  mkdirSync(join(project, 'cdktf.out/stacks/shop'), { recursive: true });
  writeFileSync(join(project, 'cdktf.json'), '{}');
  writeFileSync(join(project, 'db-password'), 'from a file\n');
  writeFileSync(join(project, 'empty'), '');
  writeFileSync(join(project, 'large'), Buffer.alloc(65_537, 'x'));
  process.env.BULKHEAD_TEST_SECRET = 'from a variable\n';
});
afterAll(() => {
  delete process.env.BULKHEAD_TEST_SECRET;
  rmSync(project, { recursive: true });
});

/** What a source gives, where Terraform runs. */
async function read(source: string, from?: string, given?: string) {
  const spec = { source, ...(from !== undefined && { from }), owner: '0:0', mode: '0400' };
  const manifest = { ...web, objects: { 'secret:web/db': { spec } } };
  const sources = new Sources(join(project, 'cdktf.out/stacks/shop'));
  const values = await sources.valuesOf([manifest], given === undefined ? {} : { db: given });
  const value = values.get('secret:web/db');
  return value?.bytes ? Buffer.from(value.bytes).toString() : value?.problem;
}

const command = (...words: readonly string[]) => JSON.stringify(words);

test.each([
  ['environmentVariable', 'BULKHEAD_TEST_SECRET', 'from a variable\n'],
  ['file', './db-password', 'from a file\n'],
  ['command', command('cat', 'db-password'), 'from a file'],
  ['command', command('printf', 'a\\n\\n'), 'a\n'],
  ['command', command('cat'), 'what "cat" prints is empty'],
  ['environmentVariable', 'BULKHEAD_NOT_SET', 'the environment variable BULKHEAD_NOT_SET is not set'],
  ['command', command('no-such-program', 'x'), 'there is no program "no-such-program"'],
  ['command', command('sh', '-c', 'echo hunter2; echo hunter2 >&2; exit 3'), expect.stringMatching(/failed \(3\)$/)],
])('a value from the source %s %s', async (source, from, expected) => {
  expect(await read(source, from)).toEqual(expected);
});

test.each([
  ['nothing', /^there is no file .*\/nothing$/],
  ['empty', /\/empty is empty$/],
  ['large', /\/large has 65537 bytes$/],
  ['cdktf.out', /\/cdktf.out can't be read \(EISDIR\)$/],
])('a file %s is refused', async (from, problem) => {
  expect(await read('file', `./${from}`)).toMatch(problem);
});

test('a failed command is told without what it said', async () => {
  expect(await read('command', command('sh', '-c', 'cat db-password >&2; exit 3'))).not.toContain('from a file');
});

test('a value of Terraform is its own', async () => {
  expect(await read('value', undefined, 'from Terraform')).toBe('from Terraform');
  expect(await read('value')).toBe('only Terraform knows its value');
});

test('a generated one is read nowhere', async () => {
  expect(await read('generated', 'db')).toBeUndefined();
});

test('a command runs once, whatever has its value', async () => {
  const spec = { source: 'command', from: command('sh', '-c', 'echo run >> runs; echo x'), owner: '0:0', mode: '0400' };
  const objects = { 'secret:web/a': { spec }, 'secret:web/b': { spec } };
  const sources = new Sources(project);
  await sources.valuesOf([{ ...web, objects }]);
  await sources.valuesOf([{ ...web, objects }]);
  const runs = new Sources(project).valuesOf([
    { ...web, objects: { 'secret:web/c': { spec: { source: 'file', from: 'runs', owner: '0:0', mode: '0400' } } } },
  ]);
  const value = (await runs).get('secret:web/c');
  expect(Buffer.from(value?.bytes ?? []).toString()).toBe('run\n');
});

test.each<[Buffer, string | undefined]>([
  [Buffer.from('pässword "1"\t'), undefined],
  [Buffer.from('a\n'), 'its value has a line break or a NUL byte, which the variable of a service cannot have'],
  [
    Buffer.from('a\nLD_PRELOAD=b'),
    'its value has a line break or a NUL byte, which the variable of a service cannot have',
  ],
  [Buffer.from('a\rb'), 'its value has a line break or a NUL byte, which the variable of a service cannot have'],
  [Buffer.from('a\0b'), 'its value has a line break or a NUL byte, which the variable of a service cannot have'],
  [Buffer.from([0xff, 0x61]), 'its value is not text in UTF-8'],
])('a variable gets one line of text: %j', async (bytes, problem) => {
  writeFileSync(join(project, 'for-variable'), bytes);
  const spec = { source: 'file', from: join(project, 'for-variable'), owner: '0:0', mode: '0400' };
  const objects = { 'secret:web/db': { spec }, 'secret:web/db@DB': { spec } };
  const values = await new Sources(project).valuesOf([{ ...web, objects }]);
  expect(values.get('secret:web/db')?.bytes).toEqual(bytes);
  expect(values.get('secret:web/db@DB')).toEqual(problem ? expect.objectContaining({ problem }) : { bytes });
});

test('a variable of podman gets what fits in a line of its file', async () => {
  const path = join(project, 'for-podman');
  const spec = { source: 'file', from: path, owner: '0:0', mode: '0400' };
  const manifest = { ...web, objects: { 'secret:web/db@DB.env': { spec } } };
  const ofLength = async (length: number) => {
    writeFileSync(path, 'x'.repeat(length));
    return (await new Sources(project).valuesOf([manifest])).get('secret:web/db@DB.env');
  };
  expect(await ofLength(65_000)).toEqual({ bytes: Buffer.from('x'.repeat(65_000)) });
  expect(await ofLength(65_001)).toEqual({
    problem: 'its value has 65001 bytes, which is too long for the variable of this service',
    advice: 'expected at most 65000 bytes, or give it to the service as a file',
  });
});

test('a variable gets the value of Terraform for its secret', async () => {
  const spec = { source: 'value', owner: '0:0', mode: '0400' };
  const manifest = { ...web, objects: { 'secret:web/db@DB': { spec } } };
  const values = await new Sources(project).valuesOf([manifest], { db: 'known' });
  expect(values.get('secret:web/db@DB')).toEqual({ bytes: Buffer.from('known') });
});

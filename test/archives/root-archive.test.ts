import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { ArchiveError, rootOfImage, rootOfTar, sharedRootTar } from '../../lib/archives';
import { readTar } from '../../lib/archives/read-tar';
import { atMost } from '../../lib/archives/root-layers';
import { flatRoot } from './flat-root';
import { type MadeImage, ociEntries, sha256 } from './made-image';
import { type MadeEntry, record, tarOf } from './made-tar';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = (path: string, content = ''): MadeEntry => ({ path, content });
const directory = (path: string, mode = 0o755): MadeEntry => ({ path, flag: '5', mode });
const symlink = (path: string, target: string): MadeEntry => ({ path, flag: '2', target });
const link = (path: string, target: string): MadeEntry => ({ path, flag: '1', target });

type Layer = readonly MadeEntry[] | Buffer;
const bytesOf = (layer: Layer): Buffer => (Buffer.isBuffer(layer) ? layer : tarOf(layer));

/** The root as one archive, of the layers of an image or of a tar archive. */
function rootOf(layers: readonly Layer[], more: Partial<MadeImage> = {}): Promise<Buffer> {
  const path = join(dir, 'image.tar');
  writeFileSync(path, tarOf(ociEntries({ layers: layers.map(bytesOf), ...more })));
  return flatRoot(rootOfImage(path));
}
function rootOfOne(archive: Buffer): Promise<Buffer> {
  const path = join(dir, 'root.tar');
  writeFileSync(path, archive);
  return flatRoot(rootOfTar(path, sha256(archive)));
}

function sharedRootOf(layers: readonly Layer[]): Promise<Buffer> {
  const path = join(dir, 'image.tar');
  writeFileSync(path, tarOf(ociEntries({ layers: layers.map(bytesOf) })));
  return buffer(
    sharedRootTar({
      root: rootOfImage(path),
      directory: 'new',
      name: 'root',
      extras: {},
      missing: layers.map(bytesOf).map(sha256),
    }),
  );
}

/** What is in a root: contents of files, and where links lead. */
async function contents(root: Promise<Buffer>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let path = '';
  const plain = (name: string) => name.replace(/^root\/?/, '') || '.';
  for await (const part of readTar(Readable.from([await root]), { file: 'root' })) {
    if (Buffer.isBuffer(part)) found[path] += part.toString();
    else {
      path = plain(part.path);
      found[path] =
        { file: '', link: `= ${plain(part.target)}`, symlink: `-> ${part.target}` }[part.type as string] ?? part.type;
    }
  }
  // So that one that was cut off is not taken for a whole one.
  return found;
}
const flatten = (...layers: readonly Layer[]) => contents(rootOf(layers));

describe('layers', () => {
  test('hide the files below them', async () => {
    expect(await flatten([file('a', 'old'), file('b', 'kept')], [file('a', 'new')])).toEqual({ a: 'new', b: 'kept' });
  });

  test('remove a file, and a directory with all that is in it', async () => {
    const upper = [file('.wh.a'), file('.wh.d'), file('.wh.none'), file('.wh..wh.plnk')];
    expect(Object.keys(await flatten([file('a'), file('d/x'), file('kept')], upper))).toEqual(['kept']);
  });

  test('hide what was in an opaque directory and keep what comes with it', async () => {
    const upper = [file('d/before'), file('d/.wh..wh..opq'), file('d/e/after')];
    expect(Object.keys(await flatten([file('d/old'), file('d/e/old')], upper))).toEqual(['d/before', 'd/e/after']);
  });

  test('put a file in the place of a directory', async () => {
    expect(await flatten([file('d/old')], [file('d', 'new')])).toEqual({ d: 'new' });
  });

  test('bring back what a lower layer removed', async () => {
    expect(await flatten([file('a', '1')], [file('.wh.a')], [file('a', '3')])).toEqual({ a: '3' });
  });

  test('go through a link to a directory below them, as inside of the root', async () => {
    const lower = [
      directory('usr/bin'),
      symlink('bin', 'usr/bin'),
      symlink('up', '../../../etc'),
      symlink('abs', '/usr'),
    ];
    expect(await flatten(lower, [file('bin/x', 'x'), file('up/passwd', 'p'), file('abs/y', 'y')])).toEqual({
      'usr/bin': 'directory',
      bin: '-> usr/bin',
      up: '-> ../../../etc',
      abs: '-> /usr',
      'usr/bin/x': 'x',
      'etc/passwd': 'p',
      'usr/y': 'y',
    });
  });

  test('keep a file under its other name when one is replaced', async () => {
    const lower = [file('a', 'old'), link('b', 'a'), link('c', './a')];
    expect(await flatten(lower, [file('a', 'new')])).toEqual({ b: 'old', c: '= b', a: 'new' });
  });

  test('may name paths from the root of the image, and lack their end', async () => {
    expect(await flatten(tarOf([file('/app/x', 'x')]).subarray(0, 1024))).toEqual({ 'app/x': 'x' });
  });

  test('may be compressed with gzip, with zstd, or not at all', async () => {
    const zstd = execFileSync('zstd', ['--stdout'], {
      input: tarOf([file('b', 'b')]),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    expect(await flatten(gzipSync(tarOf([file('a', 'a')])), zstd, [file('c', 'c')])).toEqual({
      a: 'a',
      b: 'b',
      c: 'c',
    });
  });

  test('keep modes and capabilities, and no attribute that is the host to give', async () => {
    const capability = record('SCHILY.xattr.security.capability', '\x01\0\0\x02\0\x20');
    const pax = Buffer.from(capability + record('SCHILY.xattr.security.selinux', 'label'), 'latin1');
    const root = await rootOf([[{ path: 'ping', content: 'p', mode: 0o4755, pax }]]);
    expect(root.includes(Buffer.from(capability, 'latin1'))).toBe(true);
    expect(root.includes('selinux')).toBe(false);
    const listed = execFileSync('tar', ['-tv', '-f', '-'], { input: root }).toString();
    expect(listed).toMatch(/^-rwsr-xr-x/);
  });
});

describe('a tar archive of a root', () => {
  const packed = (program: string, input: Buffer) =>
    execFileSync(program, ['--stdout'], { input, stdio: ['pipe', 'pipe', 'ignore'] });

  test.each(['gzip', 'xz', 'zstd', 'bzip2'])('may be compressed with %s', async (program) => {
    const archive = packed(program, tarOf([directory('./'), file('./.wh.x', 'no whiteout')]));
    expect(await contents(rootOfOne(archive))).toEqual({ '.': 'directory', '.wh.x': 'no whiteout' });
  });

  test('has its devices left out, since a machine has its own', async () => {
    expect(await contents(rootOfOne(tarOf([{ path: 'dev/null', flag: '3' }, file('a', 'x')])))).toEqual({ a: 'x' });
  });

  test.each(['gzip', 'xz', 'zstd', 'bzip2'])('that is cut off is told, compressed with %s', async (program) => {
    const archive = packed(program, tarOf([file('a', 'x'.repeat(5000))]));
    await expect(rootOfOne(archive.subarray(0, archive.length - 12))).rejects.toThrow(
      /root\.tar": (?:is damaged: .*)/s,
    );
  });

  test('whose compression this machine does not know is told, with the program that is missing', async () => {
    const { PATH } = process.env;
    const archive = packed('xz', tarOf([file('a')]));
    process.env.PATH = dir;
    try {
      await expect(rootOfOne(archive)).rejects.toThrow(
        'is compressed with xz, which is not installed on this machine, expected the program xz',
      );
    } finally {
      process.env.PATH = PATH;
    }
  });

  test('that is another one than its digest says is refused before anything is sent', async () => {
    const path = join(dir, 'root.tar');
    writeFileSync(path, tarOf([file('a')]));
    const root = rootOfTar(path, 'f'.repeat(64));
    const stream = sharedRootTar({ root, directory: 'new', name: 'root', extras: {}, missing: [root.digest] });
    await expect(stream.next()).rejects.toThrow(/has the digest sha256:.*, expected sha256:ffff/);
  });
});

const HOSTILE: readonly (readonly [what: string, entries: readonly MadeEntry[], error: RegExp])[] = [
  ['a path that climbs', [file('../../etc/x')], /entry "..\/..\/etc\/x" leads out of the root/],
  ['a path that climbs on its way', [file('a/../../x')], /leads out of the root/],
  [
    'a path that climbs in a pax header',
    [{ path: 'a', pax: record('path', '../x') }],
    /entry "..\/x" leads out of the root/,
  ],
  ['a file below a symbolic link', [symlink('a', '/etc'), file('a/passwd')], /entry "a\/passwd" is below a symlink/],
  ['a file below a link that climbs', [symlink('a', '../..'), file('a/passwd')], /is below a symlink/],
  ['a file below a file', [file('a'), file('a/b')], /is below a file/],
  ['a hard link out', [link('a', '../../etc/shadow')], /entry "a" leads out of the root/],
  [
    'a hard link to what is not there',
    [link('a', 'etc/shadow')],
    /is a hard link to "etc\/shadow", which is not there/,
  ],
  ['a hard link through a link', [symlink('a', '/etc'), link('b', 'a/shadow')], /entry "b" is below a symlink/],
  ['a hard link to a directory', [directory('d'), link('a', 'd')], /is a hard link to "d", which is not there/],
  ['a device', [{ path: 'etc/sda', flag: '4' }], /entry "etc\/sda" is a device/],
  ['a file twice', [file('a', '1'), file('a', '2')], /entry "a" is there twice/],
  ['a link in the place of a file', [file('a'), symlink('./a', '/etc')], /entry ".\/a" is there twice/],
  ['a link in the place of a directory', [file('a/x'), symlink('a', '/etc')], /entry "a" is there twice/],
  ['a file as its root', [file('./')], /entry ".\/" is a file/],
  ['a name that is too long', [{ path: 'a', pax: record('path', 'x'.repeat(256)) }], /path that is too long/],
];

test.each(HOSTILE)('%s is refused by name, in a layer and in a root', async (_, entries, error) => {
  const readings = [
    () => rootOf([entries]),
    () => rootOf([[], entries]),
    () => rootOfOne(tarOf(entries)),
    () => sharedRootOf([[], entries]),
  ];
  for (const read of readings) {
    await expect(read()).rejects.toThrow(ArchiveError);
    await expect(read()).rejects.toThrow(error);
  }
});

test.each<[what: string, layers: readonly Layer[], error: RegExp]>([
  ['a whiteout that climbs', [[file('.wh...')]], /entry ".wh..." names no file to remove/],
  ['a whiteout of nothing', [[file('a/.wh.')]], /names no file to remove/],
  ['links that lead to each other', [[symlink('a', 'b'), symlink('b', 'a')], [file('a/x')]], /more than 40 links/],
  ['a layer that is no archive', [gzipSync('no archive'.repeat(100))], /layer sha256:[0-9a-f]{12}": is damaged/],
  ['a layer whose compression is damaged', [Buffer.from('28b52ffd00', 'hex')], /is damaged/],
])('%s is refused by name', async (_, layers, error) => {
  await expect(rootOf(layers)).rejects.toThrow(ArchiveError);
  await expect(rootOf(layers)).rejects.toThrow(error);
});

test('an absolute path is refused in an archive of a root', async () => {
  await expect(rootOfOne(tarOf([file('/etc/x')]))).rejects.toThrow('entry "/etc/x" has an absolute path');
});

test('a stream without an end is refused', async () => {
  async function* endless() {
    for (;;) yield Buffer.alloc(1000);
  }
  const read = async () => {
    for await (const _ of atMost(endless(), 1e6, 'x.tar'));
  };
  await expect(read()).rejects.toThrow('Cannot read archive "x.tar": is too large, expected at most 1000000 bytes');
});

test.each(['xz', 'zstd', 'gzip'])('a layer compressed with %s is checked against its digest', async (program) => {
  const layer = execFileSync(program, ['--stdout'], {
    input: tarOf([file('a', 'x'.repeat(9000))]),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const path = join(dir, 'image.tar');
  const other = `sha256:${'a'.repeat(64)}`;
  const manifest: MadeImage['manifest'] = (text) => ({ ...text, layers: [{ digest: other, size: layer.length }] });
  const entries = ociEntries({ layers: [layer], manifest }).map((entry) =>
    entry.path.endsWith(sha256(layer)) ? { ...entry, path: `blobs/${other.replace(':', '/')}` } : entry,
  );
  writeFileSync(path, tarOf(entries));
  await expect(flatRoot(rootOfImage(path))).rejects.toThrow(
    `has the digest sha256:${sha256(layer)}, expected ${other}`,
  );
});

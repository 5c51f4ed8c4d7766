import {
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyAssets, linkAssets } from '../../lib/rendering/assets';
import { temporaryDirectory } from '../constructs/testing';

test('a directory holds exactly the assets, and what is there already is not copied again', () => {
  const source = temporaryDirectory();
  const asset = (digest: string) => {
    writeFileSync(join(source, digest), `content of ${digest}`);
    return { digest, file: join(source, digest) };
  };
  const directory = join(temporaryDirectory(), 'assets');
  copyAssets(directory, []);
  copyAssets(directory, [asset('a'), asset('b'), asset('a')]);
  const { ino } = statSync(join(directory, 'b'));
  copyAssets(directory, [asset('b'), asset('c')]);
  expect(readdirSync(directory).sort()).toEqual(['b', 'c']);
  expect(statSync(join(directory, 'b')).ino).toBe(ino);
  expect(readFileSync(join(directory, 'c'), 'utf8')).toBe('content of c');
  copyAssets(directory, []);
  expect(readdirSync(directory)).toEqual([]);
});

test('assets that nobody changes are shared between directories', () => {
  const source = temporaryDirectory();
  writeFileSync(join(source, 'file'), 'text');
  const [copy] = copyAssets(join(source, 'stack'), [{ digest: 'a', file: join(source, 'file') }]);
  const [link] = linkAssets(join(source, 'bundle'), [{ digest: 'a', file: copy?.file ?? '' }]);
  expect(link).toEqual({ digest: 'a', file: join(source, 'bundle', 'a') });
  expect(statSync(link?.file ?? '').ino).toBe(statSync(copy?.file ?? '').ino);
  expect(statSync(copy?.file ?? '').ino).not.toBe(statSync(join(source, 'file')).ino);
});

test('an asset that was cut off or replaced by a link is copied again', () => {
  const source = join(temporaryDirectory(), 'file');
  writeFileSync(source, 'text');
  const directory = join(temporaryDirectory(), 'assets');
  copyAssets(directory, [{ digest: 'a', file: source }]);
  truncateSync(join(directory, 'a'), 2);
  copyAssets(directory, [{ digest: 'a', file: source }]);
  expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('text');
  unlinkSync(join(directory, 'a'));
  symlinkSync(source, join(directory, 'a'));
  copyAssets(directory, [{ digest: 'a', file: source }]);
  expect(lstatSync(join(directory, 'a')).isFile()).toBe(true);
});

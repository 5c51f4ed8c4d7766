import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAssets } from '../../lib/rendering/assets';
import { temporaryDirectory } from '../constructs/testing';

test('a directory holds exactly the assets, and what is there already is not copied again', () => {
  const source = temporaryDirectory();
  const asset = (digest: string) => {
    writeFileSync(join(source, digest), `content of ${digest}`);
    return { digest, file: join(source, digest) };
  };
  const directory = join(temporaryDirectory(), 'assets');
  writeAssets(directory, []);
  writeAssets(directory, [asset('a'), asset('b'), asset('a')]);
  const { ino } = statSync(join(directory, 'b'));
  writeAssets(directory, [asset('b'), asset('c')]);
  expect(readdirSync(directory).sort()).toEqual(['b', 'c']);
  expect(statSync(join(directory, 'b')).ino).toBe(ino);
  expect(readFileSync(join(directory, 'c'), 'utf8')).toBe('content of c');
  writeAssets(directory, []);
  expect(readdirSync(directory)).toEqual([]);
});

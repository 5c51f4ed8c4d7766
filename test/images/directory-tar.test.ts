import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoryTar } from '../../lib/images/directory-tar';
import { temporaryDirectory } from '../constructs/testing';

let cache: string | undefined;
beforeEach(() => {
  cache = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = temporaryDirectory();
});
afterEach(() => {
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
});

function made(): string {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'empty'), { mode: 0o700 });
  writeFileSync(join(root, 'bin', 'program'), 'x'.repeat(3_000_000));
  chmodSync(join(root, 'bin', 'program'), 0o4755);
  writeFileSync(join(root, 'žluť'), 'text');
  symlinkSync('../../outside', join(root, 'link'));
  return root;
}

test('an archive has files, directories and links with their modes, owned by root', () => {
  const path = directoryTar(made());
  const listed = execFileSync('tar', ['-tv', '--numeric-owner', '--quoting-style=literal', '-f', path]).toString();
  const lines = listed
    .trim()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '));
  expect(lines).toEqual([
    expect.stringMatching(/^d\S+ 0\/0 0 1970-01-01 \S+ \.\/?$/),
    expect.stringMatching(/^drwxr-xr-x 0\/0 0 1970-01-01 \S+ bin\/?$/),
    expect.stringMatching(/^-rwsr-xr-x 0\/0 3000000 1970-01-01 \S+ bin\/program$/),
    expect.stringMatching(/^drwx------ 0\/0 0 1970-01-01 \S+ empty\/?$/),
    expect.stringMatching(/^lrwxrwxrwx 0\/0 0 1970-01-01 \S+ link -> ..\/..\/outside$/),
    expect.stringMatching(/^-rw-r--r-- 0\/0 4 1970-01-01 \S+ žluť$/),
  ]);
});

test('the same content is the same archive, whenever it was made', () => {
  const root = made();
  const before = readFileSync(directoryTar(root));
  utimesSync(join(root, 'bin'), 1, 1);
  expect(readFileSync(directoryTar(root)).equals(before)).toBe(true);
  writeFileSync(join(root, 'bin', 'program'), 'y');
  expect(readFileSync(directoryTar(root)).equals(before)).toBe(false);
});

test('what can be no part of an image is named', () => {
  const root = made();
  execFileSync('mkfifo', [join(root, 'bin', 'pipe')]);
  expect(() => directoryTar(root)).toThrow('bin/pipe is neither a file, a directory nor a symbolic link');
  expect(() => directoryTar(join(root, 'none'))).toThrow('no such file or directory');
});

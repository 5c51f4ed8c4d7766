import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { installProvider, readPackage } from '../../lib/rendering/provider-package';
import { temporaryDirectory } from '../constructs/testing';

const packageOf = (text: string) => {
  const file = join(temporaryDirectory(), 'provider.cjs');
  writeFileSync(file, text);
  return readPackage(file);
};
const versionsIn = (stack: string) => join(stack, 'terraform.d/plugins/terraform.bulkhead.invalid/bulkhead/bulkhead');

test('a version names the content, and the hash is the one that terraform computes', () => {
  const { version, hash } = packageOf('text');
  const digest = createHash('sha256').update('text').digest('hex');
  expect(version).toMatch(new RegExp(`^\\d+\\.\\d+\\.\\d+-h${digest.slice(0, 10)}$`));
  const line = `${digest}  terraform-provider-bulkhead.cjs\n`;
  expect(hash).toBe(`h1:${createHash('sha256').update(line).digest('base64')}`);
  expect(packageOf('other').version).not.toBe(version);
});

test('it is installed for every platform, executable, and an older one is gone', () => {
  const stack = temporaryDirectory();
  installProvider(stack, packageOf('old'));
  const provider = packageOf('new');
  installProvider(stack, provider);
  installProvider(stack, provider);
  expect(readdirSync(versionsIn(stack))).toEqual([provider.version]);
  const platforms = join(versionsIn(stack), provider.version);
  expect(readdirSync(platforms).sort()).toEqual(['darwin_amd64', 'darwin_arm64', 'linux_amd64', 'linux_arm64']);
  for (const platform of readdirSync(platforms)) {
    const file = join(platforms, platform, 'terraform-provider-bulkhead.cjs');
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o755);
  }
});

test.each<[what: string, change: (file: string, platforms: string) => void]>([
  ['edited', (file) => writeFileSync(file, 'edited')],
  ['made not executable', (file) => chmodSync(file, 0o644)],
  ['removed', (file) => rmSync(file)],
  ['given a neighbour', (file) => writeFileSync(`${file}.so`, '')],
  [
    'replaced by a link',
    (file) => {
      rmSync(file);
      symlinkSync('/bin/true', file);
    },
  ],
  ['left without another platform', (_, platforms) => rmSync(join(platforms, 'darwin_arm64'))],
])('one that was %s is put right by the next synthesis', (_, change) => {
  const stack = temporaryDirectory();
  const provider = packageOf('text');
  installProvider(stack, provider);
  const platforms = join(versionsIn(stack), provider.version);
  const file = join(platforms, 'linux_amd64', 'terraform-provider-bulkhead.cjs');
  change(file, platforms);
  installProvider(stack, provider);
  expect(readFileSync(join(platforms, 'darwin_arm64', 'terraform-provider-bulkhead.cjs'), 'utf8')).toBe('text');
  expect(readdirSync(join(platforms, 'linux_amd64'))).toHaveLength(1);
  expect(statSync(file).mode & 0o777).toBe(0o755);
});

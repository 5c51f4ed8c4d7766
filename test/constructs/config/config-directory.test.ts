import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigDirectory, type ConfigDirectoryProps, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { host, section, temporaryDirectory, textOf } from '../testing';

/** A directory with these files. */
function source(files: Readonly<Record<string, string | Buffer>>): string {
  const directory = temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

const make = (from: string, props: Partial<ConfigDirectoryProps> = {}, scope = host()) =>
  new ConfigDirectory(scope, 'site', { path: '/srv/site', source: from, ...props });

const rest = { owner: 'root', group: 'root' };

test('every file lies at its place, sorted, and programs stay programs', () => {
  const from = source({ 'b.txt': 'b', 'a/run': '#!/bin/sh\n', 'a-b': 'x' });
  chmodSync(join(from, 'a/run'), 0o700);
  chmodSync(join(from, 'b.txt'), 0o600);
  const { manifest, assets } = make(from);
  expect(Object.entries(manifest.files)).toEqual([
    ['/srv/site/a-b', { content: 'x', mode: '0644', ...rest }],
    ['/srv/site/a/run', { content: '#!/bin/sh\n', mode: '0755', ...rest }],
    ['/srv/site/b.txt', { content: 'b', mode: '0644', ...rest }],
  ]);
  expect(manifest).toMatchObject({ name: 'site', runtime: 'file', units: {} });
  expect(assets).toEqual([]);
  const owned = make(from, { owner: 'www-data', group: 'adm' });
  expect(owned.manifest.files['/srv/site/a-b']).toMatchObject({ owner: 'www-data', group: 'adm' });
});

test('what is large or no text travels as an asset', () => {
  const { manifest, assets } = make(source({ text: 'a', large: 'x'.repeat(70_000), image: Buffer.from([0xff, 0]) }));
  expect(manifest.files['/srv/site/text']).toMatchObject({ content: 'a' });
  expect(Object.keys(manifest.files).filter((path) => manifest.files[path]?.asset)).toEqual([
    '/srv/site/image',
    '/srv/site/large',
  ]);
  expect(assets).toHaveLength(2);
});

test('all files travel as assets when together they are large', () => {
  const files = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`f${i}`, `${i}`.repeat(60_000)]));
  const { manifest, assets } = make(source(files));
  expect(JSON.stringify(manifest)).not.toContain('content');
  expect(assets).toHaveLength(5);
});

test('odd names arrive as they are', () => {
  const names = [
    '-rf',
    'a b ',
    "it's",
    '"q"',
    '$HOME',
    '${x}',
    '%{y}',
    '*',
    'back\\slash',
    'tab\t',
    'é',
    '日本',
    '.hid',
  ];
  const { manifest } = make(source(Object.fromEntries(names.map((name) => [name, name]))));
  expect(Object.keys(manifest.files).sort()).toEqual(names.map((name) => `/srv/site/${name}`).sort());
});

test('whoever mounts it comes after it, sees it read-only and restarts when a file in it changes, comes or goes', () => {
  const restartsOn = (from: string) => {
    const scope = host();
    const site = make(from, {}, scope);
    const volumes = [{ source: site, target: '/site' }];
    const web = new PodmanService(scope, 'web', { image: 'localhost/web:1', volumes });
    const api = new SystemdService(scope, 'api', { command: ['/bin/api'], volumes });
    const db = new NspawnMachine(scope, 'db', { root: '/srv/db', volumes });
    expect(section(textOf(web, '/etc/containers/systemd/web.container'), 'Container')).toContain(
      'Volume=/srv/site:/site:ro',
    );
    expect(section(textOf(api, '/etc/systemd/system/api.service'), 'Service')).toContain(
      'BindReadOnlyPaths=/srv/site:/site',
    );
    expect(section(textOf(db, '/etc/systemd/nspawn/db.nspawn'), 'Files')).toContain('BindReadOnly=/srv/site:/site');
    const triggers = [web, api, db].map((service) => {
      expect(service.dependencies).toContain(site);
      return service.manifest.units[service.unitName]?.triggers;
    });
    expect(new Set(triggers.map((trigger) => trigger?.['/srv/site'])).size).toBe(1);
    return triggers[0]?.['/srv/site'];
  };
  const files = { a: 'a', b: 'b' };
  const before = restartsOn(source(files));
  expect(restartsOn(source(files))).toBe(before);
  expect(restartsOn(source({ ...files, b: 'c' }))).not.toBe(before);
  expect(restartsOn(source({ ...files, c: 'c' }))).not.toBe(before);
  expect(restartsOn(source({ a: 'a' }))).not.toBe(before);
  const program = source(files);
  chmodSync(join(program, 'a'), 0o755);
  expect(restartsOn(program)).not.toBe(before);
});

test.each<[string, () => string, string]>([
  ['nothing', () => '/nowhere', 'Cannot write directory from "/nowhere": is not a directory, expected'],
  ['a file', () => join(source({ a: '' }), 'a'), 'is not a directory'],
  [
    'no files',
    () => source({}),
    'has no files, expected at least one file in the directory and in each directory below it',
  ],
  [
    'an empty directory',
    () => {
      const from = source({ 'a/b': '' });
      mkdirSync(join(from, 'a', 'logs'));
      return from;
    },
    'its directory a/logs is empty',
  ],
  [
    'a link',
    () => {
      const from = source({ a: '' });
      symlinkSync('a', join(from, 'link'));
      return from;
    },
    'link is a link, or not a regular file',
  ],
  [
    'a link to a directory',
    () => {
      const from = source({ 'a/b': '' });
      symlinkSync('/etc', join(from, 'a', 'etc'));
      return from;
    },
    'a/etc is a link, or not a regular file',
  ],
  [
    'a pipe',
    () => {
      const from = source({ a: '' });
      execFileSync('mkfifo', [join(from, 'pipe')]);
      return from;
    },
    'pipe is a link, or not a regular file',
  ],
  ['a line break in a name', () => source({ 'a\nb': '' }), '"a\\nb" can\'t be the name of a file on the host'],
  [
    'a name that is not UTF-8',
    () => {
      const from = source({ a: '' });
      writeFileSync(Buffer.concat([Buffer.from(`${from}/`), Buffer.from([0x61, 0xff])]), '');
      return from;
    },
    "can't be the name of a file on the host",
  ],
  ['an accent of its own', () => source({ 'e\u0301': '' }), 'normal form C'],
])('%s is refused', (_, from, message) => {
  expect(() => make(from())).toThrow(message);
});

test.each(['site', '/srv/../etc', '/srv/site/', '/srv/a\nb'])('a path %j is refused', (path) => {
  expect(() => make(source({ a: '' }), { path })).toThrow('Cannot write directory');
});

import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readBundle } from '../../lib/rendering/read-bundle';
import { temporaryDirectory } from '../constructs/testing';
import fc from '../fast-check';

const FILE = '/etc/systemd/system/web.service';
const TEXT = '[Service]\nExecStart=/bin/web\n';

type Service = Record<string, unknown>;

function service(name = 'web', more: Service = {}): Service {
  const file = `/etc/systemd/system/${name}.service`;
  return {
    name,
    stack: 'shop',
    path: `shop/host/${name}`,
    runtime: 'systemd',
    files: { [file]: { mode: '0644', owner: 'root', group: 'root' } },
    objects: {},
    units: { [`${name}.service`]: { state: 'active', restartOn: [file] } },
    ...more,
  };
}

const host = (more: Service = {}) => ({
  id: 'host',
  path: 'shop/host',
  address: 'local',
  manifests: [service()],
  ...more,
});
const index = (more: Service = {}) => ({ stack: 'shop', hosts: [host()], ...more });

/** A bundle with this index, and the native files of `web` and `api`. */
function written(content: unknown): string {
  const directory = temporaryDirectory();
  for (const name of ['web', 'api']) {
    const path = join(directory, `host/etc/systemd/system/${name}.service`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, TEXT);
  }
  writeFileSync(join(directory, 'bundle.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return directory;
}

test('the text of a file is that of the native file', () => {
  const [manifest] = readBundle(written(index())).hosts[0]?.manifests ?? [];
  expect(manifest?.files[FILE]?.content).toBe(TEXT);
});

test('a byte order mark stays', () => {
  const directory = written(index());
  writeFileSync(join(directory, 'host', FILE), '\ufeff# x\n');
  expect(readBundle(directory).hosts[0]?.manifests[0]?.files[FILE]?.content).toBe('\ufeff# x\n');
});

const manifestWith = (more: Service) => index({ hosts: [host({ manifests: [service('web', more)] })] });
const HERE = 'hosts[0].manifests[0]';

test.each<[what: string, content: unknown, error: string]>([
  ['that is no JSON', '{', 'bundle.json is not JSON'],
  ['that is a list', [], 'bundle.json: the whole is [], expected an object'],
  ['without hosts', { stack: 'shop' }, 'bundle.json: hosts is missing, expected a list'],
  ['whose hosts are an object', index({ hosts: {} }), 'bundle.json: hosts is {}, expected a list'],
  ['with a host that is a text', index({ hosts: ['x'] }), 'bundle.json: hosts[0] is "x", expected an object'],
  ['with a host without services', index({ hosts: [host({ manifests: undefined })] }), 'hosts[0].manifests is missing'],
  [
    'with a service that is nothing',
    index({ hosts: [host({ manifests: [null] })] }),
    `${HERE} is null, expected an object`,
  ],
  ['with a field that nobody knows', index({ host: 1 }), 'bundle.json: host unknown field'],
  ['with a stack that steers a terminal', index({ stack: 'a\u001b[2J' }), 'bundle.json: stack is "a'],
  ['with a stack that turns what is read', index({ stack: 'a\u202e' }), 'bundle.json: stack is "a'],
  ['with a project that is no text', index({ project: 1 }), 'bundle.json: project is number, expected a string'],
  [
    'with dependencies that are none',
    index({ dependencies: 'x' }),
    'bundle.json: dependencies expected a list of strings',
  ],
  [
    'with dependencies of a service that are none',
    index({ serviceDependencies: { 'shop/host/web': ['a\n'] } }),
    'bundle.json: serviceDependencies["shop/host/web"] is ["a\\n"], expected a list of construct paths',
  ],
  ['with a refusal that is none', index({ refused: [{ path: 1 }] }), 'bundle.json: refused[0].path is number'],
  ['with a host outside of it', index({ hosts: [host({ id: '../../etc' })] }), 'hosts[0].id is "../../etc", expected'],
  ['with a host at an absolute path', index({ hosts: [host({ id: '/etc' })] }), 'hosts[0].id is "/etc", expected'],
  ['with a host in the place of its parent', index({ hosts: [host({ id: '..' })] }), 'hosts[0].id is "..", expected'],
  [
    'with a host in the place of its assets',
    index({ hosts: [host({ id: 'assets' })] }),
    'hosts[0].id is "assets", expected',
  ],
  [
    'with an option of ssh of two lines',
    index({ hosts: [host({ sshOptions: ['Port=1\nProxyCommand=x'] })] }),
    'hosts[0].sshOptions is "Port',
  ],
  ['with files that are a list', manifestWith({ files: [] }), `${HERE}.files is [], expected an object`],
  [
    'with a file that is a text',
    manifestWith({ files: { [FILE]: 'x' } }),
    `${HERE}.files["${FILE}"] is "x", expected an object`,
  ],
  [
    'with a mode that is none',
    manifestWith({ files: { [FILE]: { mode: '9', owner: 'root', group: 'root' } } }),
    `${HERE}.files["${FILE}"].mode is "9", expected`,
  ],
  [
    'with a path that climbs',
    manifestWith({ files: { '/etc/../../x': { mode: '0644', owner: 'a', group: 'a' } } }),
    `${HERE}.files["/etc/../../x"] expected an absolute path`,
  ],
  [
    'with content',
    manifestWith({ files: { [FILE]: { content: 'evil', mode: '0644', owner: 'a', group: 'a' } } }),
    `${HERE}.files["${FILE}"] has content, expected it in the file beside the index alone`,
  ],
  [
    'with an asset outside of it',
    manifestWith({ files: { [FILE]: { asset: '../../../etc/shadow', mode: '0644', owner: 'a', group: 'a' } } }),
    `.asset is "../../../etc/shadow", expected`,
  ],
  [
    'with a home that climbs',
    manifestWith({ objects: { 'user:shop': { spec: { home: '/home/../etc/x' } } } }),
    `${HERE}.objects["user:shop"].spec.home is "/home/../etc/x", expected`,
  ],
  [
    'with units that list no files',
    manifestWith({ units: { 'web.service': { restartOn: 5 } } }),
    `${HERE}.units["web.service"].restartOn expected a list of strings`,
  ],
  ['with a service of another stack', manifestWith({ stack: 'blog' }), `${HERE}.stack is "blog", expected "shop"`],
  ['with a service of another project', manifestWith({ project: 'x' }), `${HERE}.project is "x", expected not set`],
  [
    'with a construct path of two lines',
    manifestWith({ path: 'a\nb' }),
    `${HERE}.path is "a\\nb", expected a construct path`,
  ],
  [
    'with one service twice',
    index({ hosts: [host({ manifests: [service(), service()] })] }),
    'hosts[0].manifests[1].name belongs to shop/host/web already',
  ],
  [
    'with one file of two services',
    index({ hosts: [host({ manifests: [service(), service('api', { files: service().files, units: {} })] })] }),
    `hosts[0].manifests[1].files["${FILE}"] belongs to shop/host/web already, expected one owner`,
  ],
  [
    'with one unit of two services',
    index({
      hosts: [
        host({ manifests: [service(), service('api', { units: { 'web.service': { restartOn: [] } }, files: {} })] }),
      ],
    }),
    'hosts[0].manifests[1].units["web.service"] belongs to shop/host/web already',
  ],
  [
    'with two hosts in one directory',
    index({ hosts: [host(), host({ manifests: [] })] }),
    'hosts[1].id belongs to shop/host already',
  ],
])('an index %s is refused by its place', (_, content, error) => {
  const directory = written(content);
  expect(() => readBundle(directory)).toThrow(error);
  expect(() => readBundle(directory)).toThrow(/^bundle\.json/);
});

function replace(path: string, make: () => void): void {
  rmSync(path, { recursive: true });
  make();
}

describe('a native file', () => {
  const path = (directory: string) => join(directory, 'host', FILE);

  test.each<[what: string, change: (directory: string) => void, error: string]>([
    ['that is missing', (d) => rmSync(path(d)), `host${FILE} is missing, expected a file`],
    [
      'that is a link',
      (d) => replace(path(d), () => symlinkSync('/etc/hostname', path(d))),
      `host${FILE} is a link, expected a file`,
    ],
    [
      'that is a directory',
      (d) => replace(path(d), () => mkdirSync(path(d))),
      `host${FILE} is not a regular file, expected a file`,
    ],
    [
      'that is no UTF-8',
      (d) => writeFileSync(path(d), Buffer.from([0x61, 0xff])),
      `host${FILE} is not valid UTF-8, expected text`,
    ],
    ['that is too large', (d) => truncateSync(path(d), 2 ** 34), `host${FILE} has 17179869184 bytes, expected at most`],
    [
      'below a link',
      (d) => replace(join(d, 'host/etc/systemd'), () => symlinkSync('/etc/systemd', join(d, 'host/etc/systemd'))),
      'host/etc/systemd is a link, expected a directory',
    ],
    [
      'of a host that is a link',
      (d) => replace(join(d, 'host'), () => symlinkSync('/', join(d, 'host'))),
      'host is a link, expected a directory',
    ],
  ])('%s is refused by its path', (_, change, error) => {
    const directory = written(index());
    change(directory);
    expect(() => readBundle(directory)).toThrow(error);
  });
});

test('assets behind a link are refused', () => {
  const directory = written(index());
  symlinkSync('/etc', join(directory, 'assets'));
  expect(() => readBundle(directory)).toThrow('assets is a link, expected a directory');
});

/** Each error names the file that it is about. */
const REFUSED = /^(?:bundle\.json: |bundle\.json is |[\w.-]+\/.* (?:is|has|can't) )/;

/** Everything in a value, with its way there. */
function places(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => places(item, [...at, key]))];
}

function put(value: unknown, [key, ...rest]: readonly string[], item: unknown): unknown {
  if (key === undefined) return item;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) };
  copy[key] = put(copy[key], rest, item);
  return copy;
}

test('an index in which anything was replaced by anything is read or refused, and nothing else', () => {
  const whole = index({
    project: 'p',
    hosts: [host({ sshOptions: ['Port=1'], manifests: [service('web', { project: 'p' })] })],
  });
  const directory = written(whole);
  fc.assert(
    fc.property(fc.constantFrom(...places(whole)), fc.jsonValue(), (at, value) => {
      writeFileSync(join(directory, 'bundle.json'), JSON.stringify(put(whole, at, value)) ?? 'null');
      try {
        readBundle(directory);
      } catch (error) {
        expect((error as Error).message).toMatch(REFUSED);
        expect((error as Error).constructor).toBe(Error);
      }
    }),
    { numRuns: 300 },
  );
});

test('an index in which bytes were changed is read or refused, and nothing else', () => {
  const directory = written(index());
  const bytes = readFileSync(join(directory, 'bundle.json'));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      (changes) => {
        const copy = Buffer.from(bytes);
        for (const [at, byte] of changes) copy[at] = byte;
        writeFileSync(join(directory, 'bundle.json'), copy);
        try {
          readBundle(directory);
        } catch (error) {
          expect((error as Error).message).toMatch(REFUSED);
        }
      },
    ),
    { numRuns: 300 },
  );
});

import { OCI_SECTIONS, type OciSpec, writeSpec } from '../../../lib/directives';
import type { TokenEscaper } from '../../../lib/directives/text';

const SPEC: OciSpec = {
  config: { hostname: 'web' },
  process: { cwd: '/', args: ['/bin/web'] },
  root: { path: '/srv/root', readonly: true },
  linux: { namespaces: [{ type: 'pid' }] },
};
const VALUE = Array.from({ length: 127 }, (_, index) => String.fromCharCode(index + 1)).join('');
const written = (spec: object) => JSON.parse(writeSpec({ ...SPEC, ...spec }));

test('the sections are the objects of config.json, and what stands beside them', () => {
  expect(Object.keys(OCI_SECTIONS)).toEqual(['config', 'process', 'root', 'linux']);
  expect(writeSpec(SPEC)).toBe(`{
  "ociVersion": "1.0.2",
  "hostname": "web",
  "process": {"cwd": "/", "args": ["/bin/web"]},
  "root": {"path": "/srv/root", "readonly": true},
  "linux": {"namespaces": [{"type": "pid"}]}
}
`);
});

test('what does not fit into a line is on several, and values that are not set are left out', () => {
  const args = ['/bin/web', 'a'.repeat(100)];
  expect(writeSpec({ ...SPEC, process: { cwd: '/', args, user: undefined } })).toContain(`"process": {
    "cwd": "/",
    "args": [
      "/bin/web",
      "${'a'.repeat(100)}"
    ]
  }`);
});

test.each(['a b', '"', '\\', "'", '$HOME', '%h', '\n', '\t', '\u0001', 'ä€😀', '{"a": 1}', ''])(
  'a text is read as it was given: %j',
  (text) => {
    const args = ['/bin/web', text];
    expect(written({ process: { cwd: '/', args } }).process.args).toEqual(args);
  },
);

test('a token stays, with the escapes that JSON needs made to its value', () => {
  const wrapped: TokenEscaper['escape'] = (_, replacements) =>
    replacements.reduce((text, [from, to]) => text.replaceAll(from, () => to), VALUE);
  const tokens = { pattern: /TOKEN/g, escape: wrapped };
  const args = ['/bin/web', '"TOKEN"'];
  expect(JSON.parse(writeSpec({ ...SPEC, process: { cwd: '/', args } }, tokens)).process.args[1]).toBe(`"${VALUE}"`);
});

test.each<[string, object, string]>([
  ['an unknown key', { linux: { maskPaths: [] } }, 'maskPaths in [linux]: is unknown, expected maskedPaths'],
  ['an unknown key inside of one', { root: { path: '/', mode: 1 } }, 'mode in [root]: is unknown'],
  [
    'a value of another kind',
    { root: { path: '/', readonly: 'yes' } },
    'readonly in [root]: is string, expected true or false',
  ],
  ['no array', { linux: { maskedPaths: '/proc' } }, 'maskedPaths in [linux]: is string, expected an array'],
  ['no object', { linux: { resources: [] } }, 'resources in [linux]: is an array, expected an object'],
  ['null', { config: { hostname: null } }, 'hostname in [config]: is null, expected text'],
  [
    'an unknown word',
    { linux: { namespaces: [{ type: 'net' }] } },
    'namespaces[0].type in [linux]: is "net", expected one of pid, network',
  ],
  ['a text of another form', { process: { cwd: 'x', args: [] } }, 'cwd in [process]: is "x", expected ^\\/'],
  [
    'a number that is negative',
    { process: { cwd: '/', args: [], user: { uid: -1 } } },
    'user.uid in [process]: is -1, expected 0 or more',
  ],
  [
    'a number that only Terraform knows',
    { linux: { resources: { pids: { limit: -1.88e300 } } } },
    'resources.pids.limit in [linux]: is number, expected an integer',
  ],
  ['a missing value', { process: { cwd: '/' } }, 'args in [process]: is missing'],
  ['a NUL byte', { process: { cwd: '/', args: ['\0'] } }, 'args[0] in [process]: has a NUL byte'],
  [
    'half a character',
    { config: { annotations: { a: '\ud800' } } },
    'annotations.a in [config]: has a character that is not valid UTF-8',
  ],
  ['a NUL byte in a name', { linux: { sysctl: { 'a\0': '1' } } }, 'in [linux]: has a NUL byte'],
])('%s is refused', (_, spec, message) => {
  expect(() => writeSpec({ ...SPEC, ...spec })).toThrow(message);
});

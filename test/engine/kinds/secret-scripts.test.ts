import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DELETE_SCRIPT,
  GENERATE_SCRIPT,
  GENERATED_LOOK,
  PLACE_SCRIPT,
  SECRETS_LOOK,
} from '../../../lib/engine/kinds/secret-scripts';
import { SECRETS_DIR } from '../../../lib/manifest';

const OWNER = `${process.getuid?.()}:${process.getgid?.()}`;
const VALUE = 'a "b" $c\n\\d\0e';

let base: string;
let store: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'bulkhead-'));
  store = join(base, 'secrets');
});
afterEach(() => rmSync(base, { recursive: true }));

/** Runs a script as on a host, in a directory of its own. */
function run(script: string, args: readonly string[], input: string | Buffer = ''): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script.replaceAll(SECRETS_DIR, store), 'sh', ...args], {
    input,
  });
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return stdout.toString();
}

const place = (value: string, mode = '0400') => run(PLACE_SCRIPT, ['web/db', OWNER, mode, '', ''], value);
const look = (value?: string) =>
  run(SECRETS_LOOK, [], value === undefined ? 'web/db\n' : `web/db ${Buffer.from(value).toString('base64')}\n`);
const line = (words: string) => `web/db\t${OWNER} ${words}\n`;
const file = () => join(store, 'values/web/db');

test('a secret is written byte for byte, for its reader alone', () => {
  place(VALUE);
  expect(readFileSync(file(), 'utf8')).toBe(VALUE);
  expect((statSync(file()).mode & 0o7777).toString(8)).toBe('400');
  expect((statSync(store).mode & 0o7777).toString(8)).toBe('700');
  expect(readdirSync(store).sort()).toEqual(['digests', 'key', 'values']);
});

const LINE = ' a "b" $c `d` \\e\\\\ \'f\' #%d\t=';

test.each([
  ['systemd', 'web/db@DB_PASSWORD', 'DB_PASSWORD=" a \\"b\\" \\$c \\`d\\` \\\\e\\\\\\\\ \'f\' #%d\t="\n'],
  ['podman', 'web/db@DB_PASSWORD.env', `DB_PASSWORD=${LINE}\n`],
])('the value of a variable is a line that %s reads as the same value', (_, name, expected) => {
  run(PLACE_SCRIPT, [name, OWNER, '0400', '', ''], LINE);
  const text = readFileSync(join(store, 'values', name), 'utf8');
  expect(text).toBe(expected);
  const wanted = (other: string) => `${name} ${Buffer.from(other).toString('base64')}\n`;
  const told = (other: string) => run(SECRETS_LOOK, [], wanted(other)).split('\t')[1];
  expect(told(LINE)).toBe(`${OWNER} 0400 yes no yes\n`);
  expect(told(text)).toBe(`${OWNER} 0400 yes no no\n`);
  expect(readdirSync(store).sort()).toEqual(['digests', 'key', 'values']);
});

test('a look tells whether it is the value that is wanted, and nothing about it', () => {
  expect(look(VALUE)).toBe('');
  place(VALUE);
  expect(look()).toBe(line('0400 yes no '));
  expect(look(VALUE)).toBe(line('0400 yes no yes'));
  expect(look('other')).toBe(line('0400 yes no no'));
});

test('a look sees what was changed by hand', () => {
  place(VALUE, '0444');
  expect(look(VALUE)).toBe(line('0444 yes no yes'));
  rmSync(file());
  writeFileSync(file(), VALUE.slice(1), { mode: 0o644 });
  expect(look()).toBe(line('0644 no no '));
  expect(look(VALUE)).toBe(line('0644 no no yes'));
});

test('the digest of the same value is another one on another host', () => {
  place(VALUE);
  const digest = () => readFileSync(join(store, 'digests/web/db'), 'utf8');
  const first = digest();
  place(VALUE);
  expect(digest()).toBe(first);
  rmSync(store, { recursive: true });
  place(VALUE);
  expect(digest()).not.toBe(first);
});

test('a generated secret is made once, and copied to those that have it', () => {
  run(GENERATE_SCRIPT, ['session', '40']);
  const value = readFileSync(join(store, 'generated/session'), 'utf8');
  expect(value).toMatch(/^[A-Za-z0-9]{40}$/);
  run(GENERATE_SCRIPT, ['session', '40']);
  run(PLACE_SCRIPT, ['web/session', OWNER, '0400', 'session', '']);
  expect(readFileSync(join(store, 'values/web/session'), 'utf8')).toBe(value);
  expect(run(GENERATED_LOOK, [], 'session\nother\n')).toBe('session\t\n');
  const asked = 'web/session -session\n';
  expect(run(SECRETS_LOOK, [], asked)).toBe(`web/session\t${OWNER} 0400 yes no yes\n`);
  rmSync(join(store, 'generated/session'));
  expect(run(SECRETS_LOOK, [], asked)).toBe(`web/session\t${OWNER} 0400 yes no no\n`);
});

test('with the last secret, all goes that was made for them', () => {
  place(VALUE);
  run(GENERATE_SCRIPT, ['session', '40']);
  run(DELETE_SCRIPT, ['values/web/db', 'digests/web/db']);
  expect(existsSync(store)).toBe(true);
  run(DELETE_SCRIPT, ['generated/session']);
  expect(existsSync(store)).toBe(false);
  run(DELETE_SCRIPT, ['generated/session']);
});

test('what a killed apply left there goes with the last secret', () => {
  place(VALUE);
  for (const name of ['new', 'sealed', 'line']) writeFileSync(join(store, name), VALUE);
  run(DELETE_SCRIPT, ['values/web/db', 'digests/web/db']);
  expect(existsSync(store)).toBe(false);
});

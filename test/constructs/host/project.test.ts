import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectIdOf } from '../../../lib/constructs/host/project';
import { temporaryDirectory } from '../testing';

const withConfig = (text: string) => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'cdktf.json'), text);
  return directory;
};

test('the project is the one of the nearest cdktf.json above', () => {
  const directory = withConfig('{ "projectId": "a" }');
  mkdirSync(join(directory, 'x', 'y'), { recursive: true });
  expect(projectIdOf(join(directory, 'x', 'y'))).toBe('a');
  writeFileSync(join(directory, 'x', 'cdktf.json'), '{ "projectId": "b" }');
  expect(projectIdOf(join(directory, 'x', 'y'))).toBe('b');
});

test.each(['{}', '{ "projectId": "" }', '{ "projectId": 5 }'])('a cdktf.json of %s names none', (text) => {
  expect(projectIdOf(withConfig(text))).toBeUndefined();
});

test('one that is broken is named', () => {
  const directory = withConfig('{');
  expect(() => projectIdOf(directory)).toThrow(`Cannot read "${join(directory, 'cdktf.json')}": `);
});

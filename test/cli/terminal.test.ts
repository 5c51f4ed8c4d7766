import { count, duration, printable, table } from '../../lib/cli/terminal';

test.each([
  [200, '0.2 s'],
  [3140, '3.1 s'],
  [42_900, '42 s'],
  [150_000, '2 min 30 s'],
  [720_500, '12 min'],
  [7_200_000, '2 h'],
  [200_000_000, '2 d'],
])('%p ms are %p', (ms, expected) => {
  expect(duration(ms)).toBe(expected);
});

test('one is singular', () => {
  expect([count(1, 'file'), count(0, 'file'), count(2, 'file')]).toEqual(['1 file', '0 files', '2 files']);
});

test('columns are as wide as their widest cell, without blanks at the end', () => {
  expect(
    table([
      ['a', 'b'],
      ['long', ''],
    ]),
  ).toEqual(['a     b', 'long']);
  expect(table([])).toEqual([]);
});

test('control characters are spelled out, tabs, line breaks and letters are not', () => {
  expect(printable('\u001b[31mé\t\u009b1\n')).toBe('\\x1b[31mé\t\\x9b1\n');
});

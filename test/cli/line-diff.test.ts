import { lineDiff } from '../../lib/cli/line-diff';
import fc from '../fast-check';

test('equal texts have no difference', () => {
  expect(lineDiff('a\nb\n', 'a\nb\n')).toEqual([]);
});

test('a changed line is the old one, then the new one', () => {
  expect(lineDiff('[Service]\nLOG=info\nUser=a\n', '[Service]\nLOG=debug\nUser=a\n')).toEqual([
    '-LOG=info',
    '+LOG=debug',
  ]);
});

test('lines that stay in between are left out', () => {
  expect(lineDiff('a\nb\nc\nd\n', 'a\nB\nc\nD\n')).toEqual(['-b', '+B', '-d', '+D']);
});

test('an empty file gains every line', () => {
  expect(lineDiff('', 'a\n\nb\n')).toEqual(['+a', '+', '+b']);
});

test('files too large to compare line by line count as replaced', () => {
  const lines = (letter: string) => Array.from({ length: 1500 }, (_, i) => `${letter}${i}`).join('\n');
  expect(lineDiff(lines('a'), lines('b'))).toHaveLength(3000);
});

test('the difference turns one text into the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = lineDiff(before.join('\n'), after.join('\n'));
      const count = (lines: readonly string[], line: string) => lines.filter((other) => other === line).length;
      for (const line of ['a', 'b', 'c']) {
        const gained = count(diff, `+${line}`) - count(diff, `-${line}`);
        expect(gained).toBe(count(after, line) - count(before, line));
      }
      expect(
        isSubsequence(
          diff.filter((l) => l.startsWith('-')).map((l) => l.slice(1)),
          before,
        ),
      ).toBe(true);
      expect(
        isSubsequence(
          diff.filter((l) => l.startsWith('+')).map((l) => l.slice(1)),
          after,
        ),
      ).toBe(true);
    }),
  );
});

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const line of whole) if (line === part[at]) at++;
  return at === part.length;
}

import { execFileSync } from 'node:child_process';
import { loginLine, quote } from '../../lib/transport/quote';
import fc from '../fast-check';

describe('quote()', () => {
  test.each([
    [[''], "''"],
    [['a b', 'c'], "'a b' 'c'"],
    [["it's"], `'it'\\''s'`],
    [['$(id)', 'a\\b', '\n'], `'$(id)' 'a'\\\\'b' '\n'`],
  ])('writes %j', (words, line) => {
    expect(quote(words)).toBe(line);
  });

  test('is undone by a shell, whatever the words', () => {
    const word = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const output = execFileSync('sh', ['-c', `printf '%s\\0' ${quote(words)}`]).toString();
        expect(output.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 50 },
    );
  });
});

describe('loginLine()', () => {
  test('has neither line ends nor "!", which csh takes for its own also within quotes', () => {
    expect(loginLine(['echo', 'a\nb', 'c!d'])).not.toMatch(/[\n!]/);
  });

  test('is undone by a shell, whatever the words', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
      fc.string({ unit: fc.constantFrom('\\', '\n', '!', "'", '"', '0', '4', '1', 'n', 'c', '%', '$') }),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const output = execFileSync('sh', ['-c', loginLine(['printf', '%s\\0', ...words])]).toString();
        expect(output.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 100 },
    );
  });
});

import fc, { seed } from '../../fast-check';

export { seed };

const PRINTABLE = [
  ...'abzAZ09._-/:;,=+*?!@#&|~^(){}[]<>',
  ...` \t"'\\%$`,
  '  ',
  '%i',
  '%%',
  '%h',
  '$$',
  '$HOME',
  '${HOME}',
  '\\n',
  '\\x41',
  '\\\\',
  '\\ ',
  '\\"',
  "'\\''",
  ' ; ',
  '# ',
  'é',
  '☃',
  '😀',
  '\u00a0',
  '\u2028',
];
const CONTROL = ['\n', '\r', '\r\n', '\x01', '\x1b', '\x7f', '\n[Service]\nUser=root', '\rUser=root'];

/** Any text of one line, made of what means something to one parser or another. */
export const line = fc.string({ unit: fc.constantFrom(...PRINTABLE), maxLength: 12 });
/** The same with line breaks and control characters. */
export const text = fc.string({ unit: fc.constantFrom(...PRINTABLE, ...CONTROL), maxLength: 12 });
/** A text that needs no quotes to survive: no blank at either end, no backslash at the end. */
export const bare = line.map((value) => value.replace(/^[ \t]+|[ \t\\]+$/g, '')).filter((value) => value !== '');
/** A name of a variable. */
export const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,5}$/);
/** A normalized absolute path. */
export const path = pathOf(line);

function pathOf(segment: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const clean = segment.map((value) => value.replaceAll('/', '')).filter((value) => !/^\.{0,2}$/.test(value));
  return fc.array(clean, { minLength: 1, maxLength: 3 }).map((segments) => `/${segments.join('/')}`);
}

export function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed });
}

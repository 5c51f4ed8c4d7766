import { code, fenced, htmlCode, prose } from '../../lib/cli/markdown';
import fc from '../fast-check';

/** What markup is made of, and what surrounds it. */
const hostile = fc.string({ unit: fc.constantFrom(...'|`\\<>&*_[]()!#~@-+:\n\r\t \0a.') });

test('code is a code span where that can hold it, and HTML where it cannot', () => {
  expect(code('/etc/web.conf')).toBe('`/etc/web.conf`');
  expect(code('a|b')).toBe('<code>a&#124;b</code>');
  expect(code('a`b')).toBe('<code>a&#96;b</code>');
  expect(code(' a')).toBe('<code> a</code>');
  expect(code('')).toBe('');
});

test('whatever is code leaves neither its cell nor its code', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(code(text)).toMatch(/^$|^`[^`|\n\r]+`$|^<code>[^`|<>*_[\]~@\\\n\r]+<\/code>$/);
      expect(htmlCode(text)).toMatch(/^<code>[^`|<>*_[\]~@\\\n\r]*<\/code>$/);
    }),
  );
});

test('prose has no markup', () => {
  expect(prose('3 of 4 to change: <b> [x](y) @z')).toBe('3 of 4 to change: &#60;b&#62; &#91;x&#93;(y) &#64;z');
  fc.assert(fc.property(hostile, (text) => expect(prose(text)).not.toMatch(/[`|<>*_[\]~@\\\n\r]/)));
});

test('a fence is longer than any in its lines, and its lines stay lines', () => {
  expect(fenced('diff', ['-a', '+```` b', '+c\rd'])).toEqual(['`````diff', '-a', '+```` b', '+c\\x0dd', '`````']);
  fc.assert(
    fc.property(fc.array(hostile), (lines) => {
      const [open = '', ...rest] = fenced('diff', lines);
      const close = rest.pop() ?? '';
      expect(open).toBe(`${close}diff`);
      expect(rest).toHaveLength(lines.length);
      for (const line of rest) expect(line).not.toContain(close);
    }),
  );
});

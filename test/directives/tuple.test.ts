import { tuple } from '../../lib/directives';
import { splitTuple } from '../../lib/directives/tuple';
import fc from '../fast-check';

describe('tuple()', () => {
  test.each([
    [['/a', '/b'], '/a:/b'],
    [['/a:b', '/c'], '/a\\:b:/c'],
    [['/a\\', '/c\\'], '/a\\\\:/c\\'],
    [['/a\\b'], '/a\\b'],
  ])('writes %j as %s', (parts, text) => {
    expect(tuple(...parts)).toBe(text);
  });

  test('can be taken apart again', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '\\', ':', ' ') });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        expect(splitTuple(tuple(...parts))).toEqual(parts);
      }),
    );
  });
});

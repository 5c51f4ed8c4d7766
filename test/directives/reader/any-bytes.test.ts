import { checkRead, type Format, readDirectives, writeFile } from '../../../lib/directives';
import { CATALOGS } from '../../../lib/directives/catalog';
import fc from '../../fast-check';
import { line, seed } from '../support/hostile';
import { madeContainer, madeService, madeSocket, madeTimer } from '../support/made-files';

const formats = fc.constantFrom(...(Object.keys(CATALOGS) as Format[]));
const options = { seed, numRuns: 200 };

describe(`readDirectives() (SEED=${seed})`, () => {
  test('never throws, whatever the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(formats, bytes, (format, text) => {
        checkRead(format, readDirectives(format, text));
      }),
      options,
    );
  });

  test('never throws for lines of sections and keys that there are, with any text and NUL bytes', () => {
    const text = fc.oneof(line, fc.string({ unit: 'binary', maxLength: 20 }), fc.constant('\0'));
    fc.assert(
      fc.property(formats, fc.nat(), fc.nat(), text, (format, section, key, value) => {
        const sections = Object.entries(CATALOGS[format].sections);
        const [name, { keys }] = sections[section % sections.length] ?? ['', { keys: {} }];
        const names = Object.keys(keys);
        checkRead(format, readDirectives(format, `[${name}]\n${names[key % names.length]}=${value}\n`));
      }),
      { seed, numRuns: 2000 },
    );
  });

  test.each([
    ['unit', madeService],
    ['unit', madeSocket],
    ['unit', madeTimer],
    ['quadlet', madeContainer],
  ] as const)('gives what the writer makes the same of twice: %s', (format, made) => {
    fc.assert(
      fc.property(made, (text) => {
        const { sections, problems } = readDirectives(format, text);
        if (problems.length > 0) return;
        const written = writeFile(format, sections).text;
        const again = readDirectives(format, written);
        expect({ written, ...again, places: undefined }).toEqual({
          written,
          sections,
          problems: [],
          places: undefined,
        });
        expect(writeFile(format, again.sections).text).toBe(written);
      }),
      options,
    );
  });
});

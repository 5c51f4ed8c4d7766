import { planRemoval, planService, recordAsApplied } from '../../lib/engine';
import { readRecord, recordText } from '../../lib/engine/record';
import fc from '../fast-check';
import { hostWith, web } from './fixtures';

const record = hostWith([web]).records.get('web');
const text = record ? recordText(record) : '';

test('a record is read as it was written', () => {
  expect(readRecord('web', text)).toEqual(record);
});

test('the text of a record does not depend on the order in which a manifest names things', () => {
  const requires = { systemd: { why: 'for it' }, bash: { why: 'for it' } };
  const objects = { 'podman-volume:b': { unit: 'web.service' }, 'interface:a': { unit: 'web.service' } };
  const reversed = <T>(map: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(map).reverse());
  const texts = [
    { ...web, requires, objects },
    { ...web, requires: reversed(requires), objects: reversed(objects) },
  ].map((manifest) => recordText(recordAsApplied(manifest)));
  expect(texts[0]).toBe(texts[1]);
  expect(readRecord('web', texts[0] ?? '')).toMatchObject({ manifest: { requires, objects } });
});

test.each([
  ['empty', ''],
  ['cut off in its first line', text.slice(0, 100)],
  ['cut off after its first line', text.slice(0, text.indexOf('\n') + 1)],
  ['cut off in the middle of a name', text.slice(0, -3)],
  ['no record', 'null\n'],
  ['another JSON', '{"manifest":{}}\n'],
  ['edited', text.replace('"complete"', 'complete')],
  ['edited in what it owns', text.replace('\nunits web.service', '')],
])('one that is %s says so', (_, damaged) => {
  expect(readRecord('web', damaged)).toMatch(/^is damaged|^has version undefined/);
});

test('one of another service, or of another version, says so', () => {
  expect(readRecord('other', text)).toBe('is damaged, expected the content that Bulkhead wrote');
  const newer = text.replace('"version":1', '"version":7');
  expect(readRecord('web', newer)).toBe('has version 7, expected 1');
});

test('whatever a record is edited to be, it has a problem, or can be planned with', () => {
  const edits = fc.tuple(fc.nat(text.length - 1), fc.nat(5), fc.string({ maxLength: 3 }));
  fc.assert(
    fc.property(edits, ([at, length, other]) => {
      const read = readRecord('web', text.slice(0, at) + other + text.slice(at + length));
      if (typeof read === 'string') return;
      const host = hostWith([web], ({ records }) => records.set('web', read));
      expect(planService(host, web).name).toBe('web');
      expect(planRemoval(host, 'web').name).toBe('web');
    }),
    { numRuns: 1000 },
  );
});

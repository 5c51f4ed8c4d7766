import { parseRecord, recordText } from '../../lib/engine/record';
import { hostWith, web } from './fixtures';

const record = hostWith([web]).records.get('web');
const text = record ? recordText(record) : '';

test('a record is read as it was written', () => {
  expect(parseRecord(text)).toEqual(record);
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
])('one that is %s is none', (_, damaged) => {
  expect(parseRecord(damaged)).toBeUndefined();
});

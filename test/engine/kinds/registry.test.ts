import { movedTag } from '../../../lib/engine/kinds/registry';

const one = `sha256:${'1'.repeat(64)}`;
const two = `sha256:${'2'.repeat(64)}`;

test('what was pulled stays unless somebody asked, and the registry has another', () => {
  expect(movedTag([])).toEqual([]);
  expect(movedTag([one, 'localhost/web:1'])).toEqual([]);
  expect(movedTag([one, 'localhost/web:1', one])).toEqual([]);
  expect(movedTag([one, 'localhost/web:1', two])).toEqual([
    { phase: 'load', reason: 'is sha256:111111111111, and localhost/web:1 is sha256:222222222222 by now' },
  ]);
});

test('a registry that does not answer is an obstacle', () => {
  expect(movedTag([one, 'localhost/web:1', '?', 'connection', 'refused'])).toContainEqual({
    obstacle: 'its registry does not say what localhost/web:1 is: connection refused',
    advice: 'leave out --check-tags to keep what was pulled',
  });
});

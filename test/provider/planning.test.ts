import type { Path } from '../../lib/provider/diagnostics';
import { changedPaths, knownPart, markComputed } from '../../lib/provider/planning';
import type { Attributes } from '../../lib/provider/schema';
import { UNKNOWN } from '../../lib/provider/unknown';

const attributes: Attributes = {
  name: { type: 'string', required: true, description: '' },
  id: { type: 'string', computed: true, description: '' },
  mode: { type: 'string', optional: true, computed: true, description: '' },
  parts: {
    nesting: 'map',
    optional: true,
    description: '',
    attributes: {
      text: { type: 'string', required: true, description: '' },
      size: { type: 'number', computed: true, description: '' },
    },
  },
  owner: {
    nesting: 'single',
    optional: true,
    description: '',
    attributes: { name: { type: 'string', optional: true, computed: true, description: '' } },
  },
};

describe('computed attributes', () => {
  const prior = { name: 'a', id: '1', mode: '0644', parts: { x: { text: 't', size: 1 } } };

  test('are unknown when the object is created', () => {
    const config = { name: 'a' };
    expect(markComputed(attributes, config, config)).toEqual({ name: 'a', id: UNKNOWN, mode: UNKNOWN });
  });

  test('stay what they were when nothing changes', () => {
    const config = { name: 'a', parts: { x: { text: 't' } } };
    expect(markComputed(attributes, { ...prior }, config, prior)).toEqual(prior);
  });

  test('become unknown when anything changes, inside of objects too', () => {
    const config = { name: 'b', parts: { x: { text: 't' } }, owner: {} };
    expect(markComputed(attributes, { ...prior, ...config, parts: prior.parts }, config, prior)).toEqual({
      name: 'b',
      id: UNKNOWN,
      mode: UNKNOWN,
      parts: { x: { text: 't', size: UNKNOWN } },
      owner: { name: UNKNOWN },
    });
  });

  test('are left to the user who sets them', () => {
    const config = { name: 'b', mode: '0600', owner: { name: 'me' } };
    const { mode, owner } = markComputed(attributes, { ...prior, ...config }, config, prior);
    expect({ mode, owner }).toEqual({ mode: '0600', owner: { name: 'me' } });
  });

  test('of an unknown object are not looked for', () => {
    const config = { name: 'b', parts: UNKNOWN, owner: UNKNOWN };
    expect(markComputed(attributes, config, config)).toMatchObject({ parts: UNKNOWN, owner: UNKNOWN });
    const elements = { name: 'b', parts: { x: UNKNOWN } };
    expect(markComputed(attributes, elements, elements)).toMatchObject({ parts: { x: UNKNOWN } });
  });
});

describe('paths that require a replacement', () => {
  const before = { name: 'a', owner: { name: 'me' }, parts: { x: { text: 't' } }, tags: ['1', '2'] };

  test.each<[string, object, Path, Path[]]>([
    ['a change', { name: 'b' }, ['name'], [['name']]],
    ['no change', { name: 'a' }, ['name'], []],
    ['a change beside the path', { name: 'b' }, ['owner', 'name'], []],
    ['an unknown value', { name: UNKNOWN }, ['name'], [['name']]],
    ['a value that comes', { id: '1' }, ['id'], [['id']]],
    ['a change inside', { owner: { name: 'you' } }, ['owner', 'name'], [['owner', 'name']]],
    ['an object that goes', { owner: undefined }, ['owner', 'name'], [['owner']]],
    ['an unknown object', { owner: UNKNOWN }, ['owner', 'name'], [['owner']]],
    ['an element that goes', { parts: {} }, ['parts', 'x', 'text'], [['parts']]],
    ['an element of a list', { tags: ['1', '3'] }, ['tags', 1], [['tags', 1]]],
    ['an element past the end', { tags: ['1'] }, ['tags', 1], [['tags']]],
  ])('%s', (_what, change, path, expected) => {
    expect(changedPaths(before, { ...before, ...change }, [path])).toEqual(expected);
  });
});

test('the known part of an object is all but its unknown attributes', () => {
  const planned = {
    name: 'a',
    id: UNKNOWN,
    parts: { x: { text: 't', size: UNKNOWN } },
    tags: [{ n: 1, m: UNKNOWN }, null],
  };
  expect(knownPart(planned)).toEqual({ name: 'a', parts: { x: { text: 't' } }, tags: [{ n: 1 }, null] });
});

import type { ServiceRecord } from '../../../lib/engine';
import { goingAlong as along, leftBehind } from '../../../lib/engine/generations/go-along';
import type { KeptVersion } from '../../../lib/engine/generations/read';
import { completed } from '../../../lib/engine/ownership';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, UNIT, web } from '../fixtures';

const POOL = '/var/lib/machines';
const base = (letter: string, readOnly = 'true'): Manifest => ({
  ...web,
  name: 'base.v1',
  path: 'shop/host/base',
  units: {},
  files: {},
  objects: { 'machine-image:base.v1': { spec: { image: letter.repeat(64), readOnly } } },
});
const reader = (name: string, digest: string, used = `${POOL}/base.v1`): Manifest => ({
  ...web,
  name,
  path: `shop/host/${name}`,
  units: { [`${name}.service`]: { state: 'active', restartOn: [UNIT], triggers: { [used]: digest } } },
});

const recordsOf = (...manifests: readonly Manifest[]) =>
  new Map<string, ServiceRecord>(
    manifests.map((manifest) => [manifest.name, completed({}, manifest, hostWith([])) as ServiceRecord]),
  );
const goingAlong = (versions: readonly KeptVersion[], all: typeof records, wanted: readonly Manifest[] = []) =>
  along(versions, all, wanted);
const kept = (manifest: Manifest): KeptVersion => ({ service: manifest.name, number: 1, manifest, assets: new Map() });

const records = recordsOf(base('b'), reader('web', 'two'), reader('api', 'two'), reader('other', 'x', '/etc/other'));

test('what a service ran with goes back with it, and then what else runs with that', () => {
  const versions = [kept(reader('web', 'one'))];
  expect(goingAlong(versions, records)).toEqual(['base.v1']);
  expect(goingAlong([...versions, kept(base('a'))], records)).toEqual(['api']);
});

test('what a service ran with stays if its content is the same, or if another stack has it', () => {
  expect(goingAlong([kept(reader('web', 'two'))], records)).toEqual([]);
  const theirs = recordsOf({ ...base('b'), stack: 'blog' }, reader('web', 'two'));
  expect(goingAlong([kept(reader('web', 'one'))], theirs)).toEqual([]);
});

test('services that use an image go back with it, and not with a service that only has a program', () => {
  expect(goingAlong([kept(base('a'))], records)).toEqual(['web', 'api']);
  const { units } = web;
  const running = recordsOf({ ...base('b'), units }, reader('web', 'two'));
  expect(goingAlong([kept({ ...base('a'), units })], running)).toEqual([]);
});

test.each<[string, Manifest | undefined, boolean]>([
  ['ran with that image', reader('web', 'one'), false],
  ['ran with the newer image', reader('web', 'two'), true],
  ['did not start with it, such as a timer', { ...web, name: 'web', units: {} }, false],
  ['is not kept', undefined, true],
])('an image whose user has a version that %s', (_, before, isRefused) => {
  const own = recordsOf(base('b'), reader('web', 'two'));
  const image = kept(base('a'));
  const problems = leftBehind(image, [image, ...(before ? [kept(before)] : [])], own).map(({ problem }) => problem);
  expect(problems).toEqual(isRefused ? ['web uses it, and has no version that ran with the previous one'] : []);
});

test('what an apply that was cut off has changed already goes back with the service that it was changed for', () => {
  const own = recordsOf(base('b'), reader('web', 'one'));
  own.set('web', { ...(own.get('web') as ServiceRecord), begun: true });
  expect(goingAlong([kept(reader('web', 'one'))], own, [reader('web', 'two')])).toEqual(['base.v1']);
});

test('a version of a file with the same content goes back alone', () => {
  const config = { ...web, name: 'config', units: {} };
  const own = recordsOf(config, reader('web', 'one', UNIT));
  expect(goingAlong([kept(config)], own)).toEqual([]);
  expect(leftBehind(kept(config), [kept(config)], own)).toEqual([]);
});

test('what a rollback that was cut off has begun goes back with the rest of it', () => {
  const own = recordsOf(base('a'), reader('web', 'one'), reader('api', 'one'));
  for (const [name, record] of own) own.set(name, { ...record, begun: true });
  expect(goingAlong([kept(reader('web', 'one'))], own)).toEqual(['base.v1']);
  expect(goingAlong([kept(base('a'))], own)).toEqual(['web', 'api']);
  const all = [base('a'), reader('web', 'one'), reader('api', 'one')].map(kept);
  expect(all.flatMap((version) => leftBehind(version, all, own))).toEqual([]);
});

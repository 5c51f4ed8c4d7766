import type { ServicePlan, ServiceRecord } from '../../lib/engine';
import { recordAsApplied } from '../../lib/engine/ownership';
import { wavesOf } from '../../lib/engine/waves';
import type { Manifest } from '../../lib/manifest';
import { web } from './fixtures';

const manifest = (name: string, after: readonly string[] = [], path = `shop/host/${name}`): Manifest => ({
  ...web,
  name,
  path,
  ...(after.length > 0 && { after }),
});
const steps = [{ verb: 'write', kind: 'files', key: '/x', reason: 'differs' }] as const;
const wanted = (name: string, after: readonly string[] = [], changes = true): ServicePlan => ({
  name,
  path: `shop/host/${name}`,
  action: 'update',
  steps: changes ? steps : [],
  obstacles: [],
  desired: manifest(name, after),
});
const leaving = (name: string, path = `shop/host/${name}`): ServicePlan => ({
  ...wanted(name),
  path,
  desired: undefined,
});
const recorded = (...manifests: readonly Manifest[]): ReadonlyMap<string, ServiceRecord> =>
  new Map(manifests.map((each) => [each.name, recordAsApplied(each)]));
const namesOf = (plans: readonly ServicePlan[], records = recorded()) =>
  wavesOf(plans, records).waves.map((wave) => [...wave].sort());

test('what depends on nothing that changes is in one wave', () => {
  expect(namesOf([wanted('a'), wanted('b', ['c']), wanted('c', [], false)])).toEqual([['a', 'b']]);
});

test('each comes after what it depends on, also through one for which there is nothing to do', () => {
  const plans = [wanted('web', ['api']), wanted('api', ['db'], false), wanted('db'), wanted('other')];
  expect(namesOf(plans)).toEqual([['db', 'other'], ['web']]);
  expect(wavesOf(plans, recorded()).before('web')).toEqual(['api', 'db']);
});

test('of one between them that is not in the apply, the host knows what it depends on', () => {
  expect(namesOf([wanted('web', ['api']), wanted('db')], recorded(manifest('api', ['db'])))).toEqual([['db'], ['web']]);
});

test('services that need each other are in some order', () => {
  expect(
    namesOf([wanted('a', ['b']), wanted('b', ['a'])])
      .flat()
      .sort(),
  ).toEqual(['a', 'b']);
});

test('what leaves goes with what takes its place, and with the last that depended on it', () => {
  const records = recorded(manifest('app', ['old-db']), manifest('old-db'), manifest('old', [], 'shop/host/app'));
  const plans = [
    leaving('old-db'),
    leaving('old', 'shop/host/app'),
    leaving('alone'),
    wanted('app', ['migrate']),
    wanted('migrate'),
  ];
  expect(namesOf(plans, records)).toEqual([
    ['alone', 'migrate'],
    ['app', 'old', 'old-db'],
  ]);
  expect(wavesOf(plans, records).before('old-db')).toEqual(['app']);
});

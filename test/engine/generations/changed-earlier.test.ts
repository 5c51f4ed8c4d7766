import { planService, type ServiceRecord } from '../../../lib/engine';
import { changedEarlier, usedAnew } from '../../../lib/engine/generations/changed-earlier';
import { goingBack } from '../../../lib/engine/generations/plan-back';
import { completed } from '../../../lib/engine/ownership';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, UNIT, web } from '../fixtures';

const CONFIG = '/etc/web/config';
const config = (content: string): Manifest => ({
  ...web,
  name: 'config',
  path: 'shop/host/config',
  units: {},
  files: { [CONFIG]: { content, mode: '0644', owner: 'root', group: 'root' } },
});
const reader = (name: string, digest: string, used = CONFIG): Manifest => ({
  ...web,
  name,
  path: `shop/host/${name}`,
  after: ['config'],
  units: { [`${name}.service`]: { state: 'active', restartOn: [UNIT], triggers: { [used]: digest } } },
});

/** The record of a service that was applied in each of these versions. */
const recordOf = (...versions: readonly Manifest[]): ServiceRecord =>
  versions.reduce<ServiceRecord | undefined>((record, version) => {
    const records = new Map(record ? [[version.name, record] as const] : []);
    return completed({}, version, { ...hostWith([]), records });
  }, undefined) as ServiceRecord;

/** A deploy has changed the file and one of its two readers, and then it was cut off. */
const records = new Map<string, ServiceRecord>([
  ['config', recordOf(config('1'), config('2'))],
  ['api', recordOf(reader('api', 'one'), reader('api', 'two'))],
  ['web', { ...recordOf(reader('web', 'one')), begun: true }],
  ['other', recordOf(reader('other', 'one', '/etc/other'), reader('other', 'two', '/etc/other'))],
]);
const planOf = (desired: Manifest) => planService({ ...hostWith([]), records }, desired);

test('what a deploy has changed that was cut off goes back with the service that fails at the next one', () => {
  const plan = planOf(reader('web', 'two'));
  expect([...usedAnew([plan], records)]).toEqual([[CONFIG, 'two']]);
  expect(changedEarlier([plan], records)).toEqual(['config', 'api']);
  expect(goingBack([plan], new Set(), { records })).toEqual(['web', 'config', 'api']);
});

test('a file with which the service has run before stays, whatever the service fails of', () => {
  const plan = planOf({ ...reader('web', 'one'), files: {} });
  expect(changedEarlier([plan], records)).toEqual([]);
  expect(goingBack([plan], new Set(), { records })).toEqual(['web']);
});

test.each([
  ['a directory', '/etc/web'],
  ['the name of a file', 'config'],
])('what it uses may be %s', (_, used) => {
  const before = new Map([...records, ['web', { ...recordOf(reader('web', 'one', used)), begun: true as const }]]);
  const plan = planOf(reader('web', 'two', used));
  expect(changedEarlier([plan], before)).toEqual(['config']);
});

test.each([
  ['an image whose name has a dot', 'base.v1', '/var/lib/machines/base.v1'],
  ['a raw image', 'base', '/var/lib/machines/base.raw'],
])('what a machine uses may be %s', (_, name, used) => {
  const image: Manifest = { ...config(''), name: 'base', files: {}, objects: { [`machine-image:${name}`]: {} } };
  const before = new Map<string, ServiceRecord>([
    ['base', recordOf(image)],
    ['web', { ...recordOf(reader('web', 'one', used)), begun: true }],
  ]);
  expect(changedEarlier([planOf(reader('web', 'two', used))], before)).toEqual(['base']);
});

import { impactOn, planService } from '../../../lib/engine';
import { kindNamed } from '../../../lib/engine/kinds';
import { checkManifest, INCUS, type Manifest, type ObjectPart } from '../../../lib/manifest';
import { hostWith, UNIT, web } from '../fixtures';

const KEY = 'incus-instance:web';
const IMAGE = 'a'.repeat(64);
const config = { 'boot.autostart': 'false', 'environment.A': '1' };
const limits = { 'limits.memory': '64' };
const devices = { root: { type: 'disk', path: '/', pool: 'bulkhead' } };
const texts = { config: JSON.stringify(config), limits: JSON.stringify(limits), devices: JSON.stringify(devices) };
const part: ObjectPart = { spec: { type: 'container', image: IMAGE, ...texts } };
const instance: Manifest = {
  ...web,
  objects: { [KEY]: part },
  units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, KEY] } },
};

/** What the engine says of an instance, and what differs from one that is as it was made. */
const answer = (changed: Record<string, unknown> = {}) =>
  JSON.stringify({
    type: 'sync',
    metadata: {
      type: 'container',
      status: 'Running',
      profiles: [],
      devices,
      ...changed,
      config: {
        ...config,
        ...limits,
        'user.bulkhead': IMAGE,
        'image.os': 'busybox',
        'volatile.uuid': '1',
        ...(changed.config as object | undefined),
      },
    },
  });

const kind = kindNamed('incus-instance');
const planFor = (text: string, before: Manifest[] = [instance], desired = instance) =>
  planService(
    hostWith(before, ({ objects }) => objects.set(KEY, kind.read(text))),
    desired,
  );
const stepsFor = (text: string) => planFor(text).steps.map(({ verb, key, reason }) => `${verb} ${key}: ${reason}`);

test('its manifest is valid', () => {
  expect(checkManifest(instance)).toEqual([]);
});

test('nothing is done about one that is as it was made, whatever the engine notes of its own', () => {
  expect(stepsFor(answer())).toEqual([]);
  expect(stepsFor(JSON.stringify({ metadata: { ...JSON.parse(answer()).metadata, created_at: 'x' } }))).toEqual([]);
  expect(kind.asMade('web', part)).toEqual({ ...(kind.read(answer()) as object) });
});

test.each([
  ['memory', { config: { 'limits.memory': '32' } }, 'limits.memory'],
  ['a limit that nobody wants', { config: { 'limits.cpu': '1' } }, 'limits.cpu'],
])('a change of %s is taken over while it runs', (_, changed, key) => {
  expect(stepsFor(answer(changed))).toEqual([`make ${KEY}: differs in ${key}`]);
  expect(impactOn(planFor(answer(changed)))).toBe('none');
});

test.each<[string, Record<string, unknown>, string]>([
  ['config', { config: { 'security.privileged': 'true' } }, 'security.privileged'],
  ['a limit of its processes', { config: { 'limits.kernel.nofile': '2' } }, 'limits.kernel.nofile'],
  ['a variable', { config: { 'environment.A': '2' } }, 'environment.A'],
  ['a device', { devices: { ...devices, x: { type: 'none' } } }, 'device x'],
  ['a device that is gone', { devices: {} }, 'device root'],
  ['a profile', { profiles: ['default'] }, 'profiles (default)'],
])('a change of %s restarts it', (_, changed, what) => {
  expect(stepsFor(answer(changed))).toEqual([
    `stop web.service: ${KEY} is replaced`,
    `place ${KEY}: differs in ${what}`,
    `make ${KEY}: differs in ${what}`,
    `restart web.service: ${KEY} changes`,
  ]);
  expect(impactOn(planFor(answer(changed)))).toBe('restart');
});

test('one of another image, or another type, is made anew, and the old one is kept', () => {
  const other = answer({ config: { 'user.bulkhead': 'b'.repeat(64) } });
  expect(stepsFor(other)).toContain(
    `place ${KEY}: is made from another image; the old instance is kept until the next time`,
  );
  expect(impactOn(planFor(other))).toBe('re-create');
  expect(stepsFor(answer({ type: 'virtual-machine' }))).toContain(
    `place ${KEY}: is a virtual-machine, expected a container; the old instance is kept until the next time`,
  );
});

test('one that was retained, or is taken over, keeps its root and gets the rest', () => {
  const other = answer({ config: { 'user.bulkhead': 'b'.repeat(64) } });
  for (const wanted of [
    { ...instance, objects: { [KEY]: { ...part, retain: true } } },
    { ...instance, adopt: true },
  ])
    expect(planFor(other, [], wanted).steps).toContainEqual(
      expect.objectContaining({ verb: 'make', reason: 'differs in user.bulkhead' }),
    );
});

test('one that is paused goes on', () => {
  expect(stepsFor(answer({ status: 'Frozen' }))).toEqual([`make ${KEY}: is paused`]);
});

test('one that a change which was cut off has left aside is put back', () => {
  const left = 'make incus-instance:web: has another beside it, which a change that was cut off has left';
  const missing = JSON.stringify({ type: 'error', error: 'Instance not found', error_code: 404 });
  const theirs = JSON.stringify({ type: 'sync', metadata: { config: {} } });
  expect(stepsFor(`${answer()}\t${answer()}`)).toEqual([left]);
  for (const beside of [missing, theirs, '']) expect(stepsFor(`${answer()}\t${beside}`)).toEqual([]);
});

test('of an engine that does not run nothing is known', () => {
  expect(stepsFor('')).toEqual([`make ${KEY}: Incus is not running`]);
});

test('one that something else made stands in the way', () => {
  const { obstacles } = planFor(answer(), []);
  expect(obstacles).toEqual([
    expect.objectContaining({ problem: 'Incus has an instance of that name that Bulkhead did not create' }),
  ]);
});

test('a pool that an earlier service has left is the same, and another one is not', () => {
  const pool = kindNamed('incus-pool');
  const wanted: ObjectPart = { spec: { driver: 'dir' } };
  const said = (driver: string, source: string) =>
    pool.read(JSON.stringify({ metadata: { name: 'bulkhead', driver, config: { source } } }));
  const usual = INCUS.socket.replace('unix.socket', 'storage-pools/bulkhead');
  expect(pool.isSame?.(said('dir', usual), wanted)).toBe(true);
  expect(pool.isSame?.(said('dir', '/srv/pool'), wanted)).toBe(false);
  expect(pool.isSame?.(said('zfs', usual), wanted)).toBe(false);
});

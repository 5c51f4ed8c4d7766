import { planService, type ServiceRecord } from '../../lib/engine';
import { planBack } from '../../lib/engine/generations/plan-back';
import { recordsOfBegun } from '../../lib/engine/ownership';
import { readRecord } from '../../lib/engine/record';
import type { Manifest } from '../../lib/manifest';
import { edit, hostWith, steps, UNIT, web } from './fixtures';

const QUADLET = '/etc/containers/systemd/web.container';
const FILE = { content: '[Container]\nImage=x\n', mode: '0644', owner: 'root', group: 'root' };

/** A service of the same name in another runtime, whose unit a generator makes. */
const container: Manifest = {
  ...web,
  runtime: 'podman',
  files: { [QUADLET]: FILE },
  units: { 'web.service': { state: 'active', restartOn: [QUADLET] } },
};

test('a service that moves to another runtime stops by its old definition, and starts once by its new one', () => {
  expect(steps(planService(hostWith([container]), web))).toEqual([
    'stop web.service: systemd runs it from now on, not podman',
    `write ${UNIT}: is missing`,
    `remove ${QUADLET}: is no longer declared`,
    'restart web.service: moves from podman to systemd',
  ]);
  expect(steps(planService(hostWith([web]), container))).toEqual([
    'stop web.service: podman runs it from now on, not systemd',
    `write ${QUADLET}: is missing`,
    `remove ${UNIT}: is no longer declared`,
    'restart web.service: moves from systemd to podman',
  ]);
});

test('a plan says from where to where a service moves, and that the unit of its network goes on', () => {
  const path = '/etc/systemd/system/web-network.service';
  const withNetwork = (manifest: Manifest): Manifest => ({
    ...manifest,
    files: { ...manifest.files, [path]: { ...FILE, content: '[Service]\nExecStart=/bin/true\n' } },
    units: { ...manifest.units, 'web-network.service': { state: 'active', restartOn: [path] } },
  });
  const [before, after] = [withNetwork(container), withNetwork(web)];
  const host = hostWith([before], ({ units }) => edit(units, 'web-network.service', { fragmentPath: path }));
  const plan = planService(host, after);
  expect(plan.move).toEqual({ from: 'podman', to: 'systemd', keeps: ['web-network.service'] });
  expect(steps(plan)).not.toContainEqual(expect.stringContaining('web-network'));
  expect(planService(hostWith([after]), after).move).toBeUndefined();
});

test('so does one whose unit another file makes in the same runtime', () => {
  const kube = { ...container, files: { '/etc/containers/systemd/web.kube': FILE }, units: {} };
  kube.units = { 'web.service': { state: 'active', restartOn: ['/etc/containers/systemd/web.kube'] } };
  expect(steps(planService(hostWith([container]), kube))).toContain(
    `stop web.service: ${QUADLET} no longer creates it`,
  );
});

test('one that is not running has nothing to stop', () => {
  const stopped = hostWith([container], ({ units }) => edit(units, 'web.service', { activeState: 'inactive' }));
  expect(steps(planService(stopped, web))).not.toContainEqual(expect.stringMatching(/^(stop|restart)/));
});

const TIMER = '/etc/systemd/system/web.timer';
const triggered: Manifest = {
  ...web,
  files: { ...web.files, [TIMER]: { ...FILE, content: '[Timer]\nOnCalendar=daily\n' } },
  units: {
    'web.timer': { state: 'active', enabled: true, restartOn: [TIMER] },
    'web.service': { restartOn: [] },
  },
};

test('what a trigger starts from now on no longer runs all the time', () => {
  const plan = steps(planService(hostWith([web]), triggered));
  expect(plan).toContain('stop web.service: another unit starts it from now on');
  expect(plan).not.toContainEqual(expect.stringContaining('restart web.service'));
});

/** A host that runs the second version of a service, with the record that it had while that was applied. */
function afterApplying(from: Manifest, to: Manifest) {
  const before = hostWith([from], ({ units }) => edit(units, 'web.service', { activeState: 'inactive' }));
  const [file] = recordsOfBegun([planService(before, to)], before);
  const record = readRecord('web', String(file?.content)) as ServiceRecord;
  return { begun: hostWith([to], ({ records }) => records.set('web', record)), ended: hostWith([to]) };
}

test('neither does it after it was to run all the time, and that was cut off', () => {
  const { begun } = afterApplying(triggered, web);
  const plan = steps(planService(begun, triggered));
  expect(plan).toContain('stop web.service: another unit starts it from now on');
  expect(plan).not.toContainEqual(expect.stringContaining('restart web.service'));
});

test.each(['begun', 'ended'] as const)('nor when it goes back from a change that has %s', (state) => {
  const host = afterApplying(triggered, web)[state];
  const [plan] = planBack(host, [{ service: 'web', number: 1, manifest: triggered, assets: new Map() }]).plans;
  expect(plan && steps(plan)).toContain('stop web.service: another unit starts it from now on');
  expect(plan && steps(plan)).not.toContainEqual(expect.stringContaining('restart web.service'));
});

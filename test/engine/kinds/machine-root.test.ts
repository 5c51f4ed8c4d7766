import { planRemoval, planService } from '../../../lib/engine';
import type { ServiceRecord } from '../../../lib/engine/service-record';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, steps, UNIT, web } from '../fixtures';

const ROOT = 'machine-root:/var/lib/machines/web';
const root = { spec: { image: 'a'.repeat(64) } };
const other = { spec: { image: 'b'.repeat(64) } };

test('a machine is stopped before its root is replaced', () => {
  const machine: Manifest = {
    ...web,
    objects: { [ROOT]: root },
    units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, ROOT] } },
  };
  const changed = { ...machine, objects: { [ROOT]: other } };
  expect(planService(hostWith([machine]), changed).steps.map(({ verb, key }) => `${verb} ${key}`)).toEqual([
    `load ${ROOT}`,
    'stop web.service',
    `place ${ROOT}`,
    'restart web.service',
  ]);
});

test('a root that is retained outlives its machine, and is found again by a later one', () => {
  const retained = { ...root, retain: true };
  const machine: Manifest = { ...web, objects: { [ROOT]: retained } };
  const removal = steps(planRemoval(hostWith([machine]), 'web'));
  expect(removal.filter((step) => step.includes(ROOT))).toEqual([]);
  const left = hostWith([], ({ objects }) => objects.set(ROOT, ''));
  const later = planService(left, { ...machine, objects: { [ROOT]: { ...retained, ...other } } });
  expect(later.obstacles).toEqual([]);
  expect(steps(later).filter((step) => step.includes(ROOT))).toEqual([]);
  expect(steps(planService(hostWith([]), machine))).toContain(`load ${ROOT}: is missing`);
});

test('a root that was placed before its machine failed to start is not replaced', () => {
  const machine: Manifest = { ...web, objects: { [ROOT]: root } };
  const cutOff = hostWith([{ ...machine, objects: {} }], ({ records, objects }) => {
    const record = records.get('web') as ServiceRecord;
    records.set('web', { ...record, begun: true, owns: { ...record.owns, objects: [ROOT] } });
    objects.set(ROOT, root.spec.image);
  });
  expect(steps(planService(cutOff, machine)).filter((step) => step.includes(ROOT))).toEqual([]);
  const changed = { ...machine, objects: { [ROOT]: other } };
  expect(steps(planService(cutOff, changed))).toContainEqual(expect.stringContaining(`load ${ROOT}`));
});

test.each<[string, boolean | undefined, boolean]>([
  ['is refused when nothing was said of it', undefined, true],
  ['is done when that was said', false, false],
])('to run a machine from another root than the one made for it %s', (_, retain, refused) => {
  const machine: Manifest = { ...web, objects: { [ROOT]: { ...root, ...(retain === undefined ? {} : { retain }) } } };
  const { steps, obstacles } = planService(hostWith([machine]), web);
  expect(steps).toMatchObject([{ verb: 'delete', key: ROOT }]);
  expect(obstacles.map(({ problem }) => problem)).toEqual(
    refused ? [`${ROOT} would be removed with all that was written into it`] : [],
  );
});

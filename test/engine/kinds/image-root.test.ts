import { planRemoval, planService } from '../../../lib/engine';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, steps, UNIT, web } from '../fixtures';

const KEY = `image-root:${'a'.repeat(64)}`;
const root = { asset: 'b'.repeat(64), spec: { format: 'oci-archive', architecture: 'amd64' } };
const service: Manifest = {
  ...web,
  objects: { [KEY]: root },
  units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, KEY] } },
};
const neighbour: Manifest = {
  ...web,
  name: 'other',
  path: 'shop/host/other',
  files: {},
  units: {},
  objects: { [KEY]: root },
};

test('a root that is there is left alone, and one that is missing is loaded for the unit to restart in', () => {
  expect(steps(planService(hostWith([service]), service))).toEqual([]);
  const gone = hostWith([service], ({ objects }) => objects.delete(KEY));
  expect(steps(planService(gone, service))).toEqual([`load ${KEY}: is missing`, `restart web.service: ${KEY} changes`]);
});

test('a root that has lost its note of what it is made of is loaded again', () => {
  const damaged = hostWith([service], ({ objects }) => objects.set(KEY, ''));
  expect(steps(planService(damaged, service))).toContain(`load ${KEY}: is not complete`);
});

test('a root that another service has made serves as it is', () => {
  const plan = planService(hostWith([neighbour]), service);
  expect(plan.obstacles).toEqual([]);
  expect(steps(plan).filter((step) => step.includes(`load ${KEY}`))).toEqual([]);
});

test('a root that another service is still loading stands in nobody’s way', () => {
  const plan = planService(
    hostWith([neighbour], ({ objects }) => objects.set(KEY, '')),
    service,
  );
  expect(plan.obstacles).toEqual([]);
});

test('a directory of that name that something else made is in the way', () => {
  const foreign = hostWith([], ({ objects }) => objects.set(KEY, ''));
  expect(planService(foreign, service).obstacles).toMatchObject([
    { problem: 'the host has an image root of that name that Bulkhead did not create' },
  ]);
});

test('the plan to remove one of several services says that others may keep the root', () => {
  expect(steps(planRemoval(hostWith([service, neighbour]), 'web'))).toContain(
    `delete ${KEY}: is no longer declared, and stays if another service has it`,
  );
});

describe('programs of an image', () => {
  const on = (machine: string, architecture: string | undefined) => {
    const state = hostWith([]);
    const spec = { format: 'oci-archive', ...(architecture && { architecture }) };
    const wanted = { ...service, objects: { [KEY]: { ...root, spec } } };
    return planService({ ...state, facts: { ...state.facts, machine } }, wanted).obstacles;
  };

  test('for another processor are refused at plan', () => {
    expect(on('x86_64', 'arm64')).toEqual([
      {
        at: ['objects', KEY],
        action: `create image root ${'a'.repeat(64)}`,
        problem: 'its programs are for arm64, and the host is x86_64, expected amd64 or 386',
        advice: 'build or pull it for linux/amd64',
      },
    ]);
  });

  test.each([
    ['x86_64', 'amd64'],
    ['x86_64', '386'],
    ['aarch64', 'arm64'],
    ['x86_64', undefined],
    ['', 'arm64'],
    ['unheard-of', 'arm64'],
  ])('on %s for %s are not', (machine, architecture) => {
    expect(on(machine, architecture)).toEqual([]);
  });
});

import { type HostState, planService } from '../../../lib/engine';
import { namesToLookFor } from '../../../lib/engine/foreseen/names';
import { readState } from '../../../lib/engine/observe/read';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, web } from '../fixtures';

const machine: Manifest = { ...web, claims: ['machine web', 'tcp *:80'] };
const container: Manifest = { ...web, user: 'shop', claims: ['podman-container web of shop'] };
const named = (state: HostState, unit: string): HostState => ({ ...state, names: new Map([['machine web', unit]]) });

test('a name that something else has is refused, with what has it and what to do', () => {
  expect(planService(named(hostWith([]), 'theirs.scope'), machine).obstacles).toEqual([
    {
      at: ['claims'],
      action: 'start web',
      problem: 'systemd-machined has a machine of that name, of theirs.scope, which Bulkhead did not create',
      advice: 'machinectl terminate web, or give the service another `name`',
    },
  ]);
  expect(planService(named(hostWith([]), ''), machine).obstacles).toHaveLength(1);
});

test('the name of its own unit, of another service of Bulkhead, and of what is adopted is free', () => {
  const other: Manifest = { ...web, name: 'old', files: {}, units: { 'old.service': { restartOn: [] } } };
  expect(planService(named(hostWith([]), 'web.service'), machine).obstacles).toEqual([]);
  expect(planService(named(hostWith([other]), 'old.service'), machine).obstacles).toEqual([]);
  expect(planService(named(hostWith([]), 'theirs.scope'), { ...machine, adopt: true }).obstacles).toEqual([]);
  expect(planService(named(hostWith([machine]), 'theirs.scope'), machine)).toMatchObject({ steps: [], obstacles: [] });
});

test('what has taken the place of the service itself is repaired', () => {
  const host = named(hostWith([machine]), 'theirs.scope');
  const stopped = { ...host, units: new Map() };
  const plan = planService(stopped, machine);
  expect(plan.steps.map(({ verb }) => verb)).toContain('start');
  expect(plan.obstacles).toEqual([]);
});

test('each user has names of their own', () => {
  expect(namesToLookFor(machine)).toEqual([['machine', 'web']]);
  expect(namesToLookFor(container)).toEqual([['podman-container@shop', 'web']]);
});

test('what a host prints is read', () => {
  const section = 'web\ttheirs.service\nfree\t\n';
  const state = readState(Buffer.from(`${section.length} machine\n\n${section}`), [machine]);
  expect([...(state?.names ?? [])]).toEqual([
    ['machine web', 'theirs.service'],
    ['machine free', ''],
  ]);
});

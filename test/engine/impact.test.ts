import { impactOn, impactsOf, planRemoval, planService } from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { edit, hostWith, UNIT, web, withFile } from './fixtures';

const ROOT = 'machine-root:/var/lib/machines/web';
const machine = (image: string): Manifest => ({
  ...web,
  objects: { [ROOT]: { spec: { image: image.repeat(64) } } },
  units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, ROOT] } },
});
const lines = (state: ReturnType<typeof hostWith>, desired: Manifest) =>
  impactsOf(planService(state, desired)).map(({ kind, key, reason }) => `${kind} ${key}: ${reason}`);

test('nothing happens to a service that is as wanted, or of which only a mode differs', () => {
  expect(impactOn(planService(hostWith([web]), web))).toBe('none');
  const state = hostWith([web], ({ files }) => edit(files, UNIT, { mode: '0600' }));
  expect(impactOn(planService(state, web))).toBe('none');
});

test('a unit restarts for what it reads at its start, and the keys are named', () => {
  const changed = withFile('[Service]\nEnvironment=TOKEN=secret\nUser=x\n');
  expect(lines(hostWith([web]), changed)).toEqual([
    `restart web.service: ${UNIT} differs in Service.Environment, Service.User`,
  ]);
});

test('a unit is reloaded for what systemd takes over without a restart', () => {
  expect(lines(hostWith([web]), withFile('[Unit]\nDescription=x\n[Service]\n'))).toEqual([
    `reload ${UNIT}: differs in Unit.Description`,
  ]);
});

test('a unit that was stopped is started', () => {
  const state = hostWith([web], ({ units }) => edit(units, 'web.service', { activeState: 'inactive' }));
  expect(lines(state, web)).toEqual(['start web.service: is inactive']);
});

test('a root that is replaced is made anew, and its machine restarts', () => {
  expect(lines(hostWith([machine('a')]), machine('b'))).toEqual([
    `re-create ${ROOT}: is replaced by another; the old one is kept until the next time`,
    `restart web.service: ${ROOT} is replaced by another; the old one is kept until the next time`,
  ]);
});

test('what is removed stops, and with it goes the data that is not retained', () => {
  const desired: Manifest = {
    ...machine('a'),
    objects: {
      ...machine('a').objects,
      'podman-volume:gone': { unit: 'web.service' },
      'podman-volume:kept': { unit: 'web.service', retain: true },
      'podman-network:n': { unit: 'web.service' },
    },
  };
  const removal = planRemoval(hostWith([desired]), 'web');
  expect(impactsOf(removal).map(({ kind, key }) => `${kind} ${key}`)).toEqual([
    `data loss ${ROOT}`,
    'data loss podman-volume:gone',
    'stop web.service',
  ]);
});

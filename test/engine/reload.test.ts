import { impactsOf, planService } from '../../lib/engine';
import { recordsOfBegun } from '../../lib/engine/ownership';
import { readRecord } from '../../lib/engine/record';
import { checkManifest, type Manifest } from '../../lib/manifest';
import { edit, hostWith, steps, UNIT, web } from './fixtures';

const RULES = '/etc/web.rules';

/** A service whose unit takes other rules over by a reload. */
function ruled(rules: string, unit = '[Service]\n'): Manifest {
  const file = { mode: '0644', owner: 'root', group: 'root' };
  return {
    ...web,
    files: { [UNIT]: { ...file, content: unit }, [RULES]: { ...file, content: rules } },
    units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT], reloadOn: [RULES] } },
  };
}

test('a host that matches has nothing to do', () => {
  expect(planService(hostWith([ruled('a')]), ruled('a')).steps).toEqual([]);
});

test('another content of what it reads at a reload reloads it, and restarts nothing', () => {
  const plan = planService(hostWith([ruled('a')]), ruled('b'));
  expect(steps(plan)).toEqual([`write ${RULES}: content differs`, `reload web.service: ${RULES} changes`]);
  expect(impactsOf(plan)).toEqual([{ kind: 'reload', key: 'web.service', reason: `${RULES} changes` }]);
});

test('a file that was edited by hand is written and read again', () => {
  const state = hostWith([ruled('a')], ({ files }) => edit(files, RULES, { content: Buffer.from('x') }));
  expect(steps(planService(state, ruled('a')))).toEqual([
    `write ${RULES}: content differs`,
    `reload web.service: ${RULES} changes`,
  ]);
});

test('a unit that restarts anyway, or starts, is not reloaded', () => {
  const restarted = steps(planService(hostWith([ruled('a')]), ruled('b', '[Service]\nUser=x\n')));
  expect(restarted.filter((step) => !step.startsWith('write'))).toEqual([`restart web.service: ${UNIT} changes`]);
  const stopped = hostWith([ruled('a')], ({ units }) => edit(units, 'web.service', { activeState: 'inactive' }));
  expect(steps(planService(stopped, ruled('b')))).toEqual([
    `write ${RULES}: content differs`,
    'start web.service: is inactive',
  ]);
});

test('a value that reloads it when it changes is told, and one that comes or goes reloads it, too', () => {
  const using = (reloads: Record<string, string>): Manifest => {
    const { units, ...rest } = ruled('a');
    const unit = { ...units['web.service'], restartOn: [UNIT], reloads };
    return { ...rest, units: { 'web.service': unit } };
  };
  const applied = hostWith([using({ '/etc/app.conf': '1' })]);
  expect(steps(planService(applied, using({ '/etc/app.conf': '1' })))).toEqual([]);
  expect(steps(planService(applied, using({ '/etc/app.conf': '2' })))).toEqual([
    'reload web.service: /etc/app.conf changes',
  ]);
  expect(steps(planService(applied, ruled('a')))[0]).toMatch(/^reload web.service: has not read its new content yet/);
});

test('an apply that is cut off before the reload reloads it the next time', () => {
  const before = hostWith([ruled('a')]);
  const [begun] = recordsOfBegun([planService(before, ruled('b'))], before);
  const record = readRecord('web', String(begun?.content));
  const after = hostWith([ruled('b')], ({ records }) => {
    if (typeof record !== 'string') records.set('web', record);
  });
  expect(steps(planService(after, ruled('b')))).toEqual(['reload web.service: has not read its new content yet']);
});

test('a unit can read only files of its service', () => {
  const { units, ...rest } = ruled('a');
  const broken = { ...rest, units: { 'web.service': { ...units['web.service'], restartOn: [], reloadOn: ['/x'] } } };
  expect(checkManifest(broken)).toEqual([
    { at: ['units', 'web.service', 'reloadOn'], message: 'names "/x", which is not a file of the service' },
  ]);
});

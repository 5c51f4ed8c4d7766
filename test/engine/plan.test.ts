import { planRemoval, planService } from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { edit, hostWith, override, steps, UNIT, web, withFile } from './fixtures';

test('a host that matches has nothing to do', () => {
  expect(planService(hostWith([web]), web)).toMatchObject({ action: 'none', steps: [], obstacles: [] });
});

test('a service that is not there is created', () => {
  const plan = planService(hostWith([]), web);
  expect(plan.action).toBe('create');
  expect(steps(plan)).toEqual([`write ${UNIT}: is missing`, 'enable web.service: is new', 'start web.service: is new']);
});

describe('drift', () => {
  const cases: [string, Parameters<typeof hostWith>[1], string[]][] = [
    [
      'a file edited',
      ({ files }) => edit(files, UNIT, { content: Buffer.from('[Service]\nUser=x\n') }),
      [`write ${UNIT}: differs in Service.User`, `restart web.service: ${UNIT} changes`],
    ],
    [
      'a comment added to a file',
      ({ files }) => edit(files, UNIT, { content: Buffer.from('# x\n[Service]\n\n') }),
      [`write ${UNIT}: content differs`],
    ],
    [
      'a file chmod-ed',
      ({ files }) => edit(files, UNIT, { mode: '0600' }),
      [`write ${UNIT}: mode is 0600, expected 0644`],
    ],
    [
      'a file chown-ed',
      ({ files }) => edit(files, UNIT, { owner: 'nobody' }),
      [`write ${UNIT}: owner is nobody:root, expected root:root`],
    ],
    [
      'a file deleted',
      ({ files }) => void files.delete(UNIT),
      [`write ${UNIT}: is missing`, `restart web.service: ${UNIT} changes`],
    ],
    [
      'a file replaced by a symlink',
      ({ files }) => edit(files, UNIT, { type: 'symlink' }),
      [`write ${UNIT}: is a symlink`, `restart web.service: ${UNIT} changes`],
    ],
    [
      'the unit stopped',
      ({ units }) => edit(units, 'web.service', { activeState: 'inactive' }),
      ['start web.service: is inactive'],
    ],
    [
      'the unit failed',
      ({ units }) => edit(units, 'web.service', { activeState: 'failed', result: 'oom-kill' }),
      ['start web.service: has failed (oom-kill)'],
    ],
    [
      'the unit disabled',
      ({ units }) => edit(units, 'web.service', { unitFileState: 'disabled' }),
      ['enable web.service: is disabled'],
    ],
    [
      'the unit masked',
      ({ units, overrides }) => {
        edit(units, 'web.service', { loadState: 'masked', unitFileState: 'masked', activeState: 'inactive' });
        overrides.push(override('/etc/systemd/system.control/web.service', '/dev/null'));
      },
      [
        'remove /etc/systemd/system.control/web.service: masks web.service',
        'enable web.service: is masked',
        'start web.service: is inactive',
      ],
    ],
    [
      'a drop-in added',
      ({ overrides }) => overrides.push(override('/run/systemd/system/web.service.d/x.conf')),
      [
        'remove /run/systemd/system/web.service.d/x.conf: changes web.service',
        'restart web.service: /run/systemd/system/web.service.d/x.conf is removed',
      ],
    ],
    [
      'a file of higher precedence',
      ({ overrides }) => overrides.push(override('/run/systemd/transient/web.service')),
      [
        'remove /run/systemd/transient/web.service: takes precedence over web.service',
        'restart web.service: /run/systemd/transient/web.service is removed',
      ],
    ],
    [
      'an apply cut off before the restart',
      ({ records }) => edit(records, 'web', { applied: { 'web.service': 'old' } }),
      ['restart web.service: still runs with old content'],
    ],
  ];
  test.each(cases)('%s is repaired', (_, change, expected) => {
    const plan = planService(hostWith([web], change), web);
    expect(steps(plan)).toEqual(expected);
    expect(plan).toMatchObject({ action: 'repair', obstacles: [] });
  });
});

test('a changed file is written and its unit restarted', () => {
  const plan = planService(hostWith([web]), withFile('[Service]\nNice=1\n'));
  expect(plan.action).toBe('update');
  expect(steps(plan)).toEqual([`write ${UNIT}: differs in Service.Nice`, `restart web.service: ${UNIT} changes`]);
});

test('what a daemon-reload makes effective does not restart a unit', () => {
  const reloaded = withFile('[Unit]\nDescription=x\nAfter=y.service\n[Service]\nRestart=always\n');
  expect(steps(planService(hostWith([web]), reloaded))).toEqual([
    `write ${UNIT}: differs in Unit.Description, Unit.After, Service.Restart`,
  ]);
  const state = hostWith([web], ({ files }) =>
    edit(files, UNIT, { content: Buffer.from(String(reloaded.files[UNIT]?.content)) }),
  );
  expect(steps(planService(state, reloaded))).toEqual(['record web: is recorded differently']);
});

test('a changed trigger restarts the unit although no file of it changes', () => {
  const triggered: Manifest = {
    ...web,
    units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT], triggers: { '/etc/x': 'new' } } },
  };
  expect(steps(planService(hostWith([web]), triggered))).toEqual(['restart web.service: /etc/x changes']);
});

test('a moved construct changes the record and nothing else', () => {
  const plan = planService(hostWith([web]), { ...web, path: 'shop/host/front/web' });
  expect(steps(plan)).toEqual(['record web: is recorded differently']);
});

test('what a service no longer wants is removed', () => {
  const more: Manifest = {
    ...web,
    files: { ...web.files, '/etc/extra': { content: '', mode: '0644', owner: 'root', group: 'root' } },
    units: { ...web.units, 'extra.service': { state: 'active', enabled: true, restartOn: [] } },
  };
  expect(steps(planService(hostWith([more]), web))).toEqual([
    'stop extra.service: is no longer declared',
    'disable extra.service: is no longer declared',
    'remove /etc/extra: is no longer declared',
  ]);
});

test('what is adopted goes on running where nothing differs', () => {
  const state = hostWith([web], ({ records }) => records.clear());
  const plan = planService(state, { ...web, adopt: true });
  expect(steps(plan)).toEqual(['record web: is not recorded']);
  expect(plan.obstacles).toEqual([]);
});

test('what was adopted is no other service than one that was made', () => {
  const adopted: Manifest = { ...web, adopt: true };
  expect(planService(hostWith([adopted]), web).action).toBe('none');
  expect(planService(hostWith([web]), adopted).action).toBe('none');
});

describe('removal', () => {
  test('all that the service owns goes, and its record', () => {
    expect(steps(planRemoval(hostWith([web]), 'web'))).toEqual([
      'stop web.service: is no longer declared',
      'disable web.service: is no longer declared',
      `remove ${UNIT}: is no longer declared`,
      'record web: is forgotten',
    ]);
  });

  test('a service that Bulkhead does not know is left alone', () => {
    expect(planRemoval(hostWith([]), 'web')).toMatchObject({ action: 'none', steps: [] });
  });
});

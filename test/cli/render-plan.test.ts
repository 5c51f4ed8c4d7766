import { planDocument } from '../../lib/cli/plan-document';
import { renderPlans, renderSummary } from '../../lib/cli/render-plan';
import { API_BEFORE, API_UNIT, apiUpdated, hostPlan, manifest, painter, plain, servicePlan, target } from './fixtures';

const created = servicePlan('db', {
  action: 'create',
  steps: [
    { verb: 'load', kind: 'objects', key: 'machine-root:/var/lib/machines/db', reason: 'is missing' },
    { verb: 'write', kind: 'files', key: '/etc/systemd/nspawn/db.nspawn', reason: 'is missing' },
    { verb: 'write', kind: 'files', key: '/etc/systemd/system/db.service', reason: 'is missing' },
    { verb: 'start', kind: 'units', key: 'db.service', reason: 'is new' },
  ],
});

const repaired = servicePlan('web', {
  action: 'repair',
  steps: [{ verb: 'start', kind: 'units', key: 'web.service', reason: 'is inactive' }],
});

const destroyed = servicePlan('old', {
  action: 'destroy',
  steps: [
    { verb: 'stop', kind: 'units', key: 'old.service', reason: 'is no longer declared' },
    { verb: 'remove', kind: 'files', key: '/etc/old', reason: 'is no longer declared' },
    { verb: 'record', kind: 'files', key: 'old', reason: 'is forgotten' },
  ],
  desired: undefined,
});

const all = [hostPlan([created, apiUpdated, repaired, destroyed, servicePlan('idle')], { files: API_BEFORE })];

test('a plan names each service that changes, what will happen, and why', () => {
  expect(renderPlans(all, plain)).toEqual([
    'shop on ssh://root@192.0.2.10 (Debian GNU/Linux 13 (trixie), systemd 257)',
    '  + db   create   load 1 machine root, write 2 files, start',
    '  ~ api  restart  api.service: Service.Environment LOG=info -> LOG=debug',
    '  ! web  start    web.service is inactive',
    '  - old  destroy  stop, remove 1 file',
  ]);
});

test('a directory that goes only if it is empty is not said to go in any case', () => {
  const steps = ['directory:/srv/a', 'directory:/srv/b', 'podman-image:localhost/web:1'].map((key) => ({
    verb: 'delete' as const,
    kind: 'objects' as const,
    key,
    reason: 'is no longer declared',
  }));
  const plan = hostPlan([servicePlan('old', { action: 'destroy', steps, desired: undefined })]);
  expect(renderPlans([plan], plain)[1]).toBe('  - old  destroy  delete 2 directories if empty and 1 image');
});

test('a summary counts what changes by what happens to it', () => {
  expect(renderSummary(all, { touched: false })).toBe(
    '4 of 5 to change: 1 to create, 1 to start, 1 to restart, 1 to destroy. Nothing has been touched.',
  );
});

test('a plan without changes says so', () => {
  const plans = [hostPlan([servicePlan('a'), servicePlan('b')])];
  expect(renderPlans(plans, plain)).toEqual([
    'shop on ssh://root@192.0.2.10 (Debian GNU/Linux 13 (trixie), systemd 257)',
    '  no changes',
  ]);
  expect(renderSummary(plans, { touched: false })).toBe('No changes: 2 services match.');
});

test('an unreachable host shows its error and its construct path, the others show their plan', () => {
  const error = { message: 'Cannot reach "ssh://b" (at shop/b)', advice: 'start it' };
  const plans = [hostPlan([repaired]), { target: target({ path: 'shop/b', address: 'ssh://b' }), error }];
  expect(renderPlans(plans, plain).slice(-3)).toEqual([
    'shop on ssh://b',
    '  Cannot reach "ssh://b" (at shop/b)',
    '    do: start it',
  ]);
  expect(renderSummary(plans, { touched: false })).toBe(
    '1 of 1 to change: 1 to start. 1 host could not be planned. Nothing has been touched.',
  );
});

test('what stands in the way is shown with the way out', () => {
  const obstacle = { at: ['name'], action: 'create web', problem: 'it is taken', advice: 'rename it' };
  const plans = [hostPlan([{ ...repaired, action: 'create', obstacles: [obstacle] }])];
  expect(renderPlans(plans, plain).slice(2)).toEqual([
    '      Cannot create web: it is taken (at shop/host/web)',
    '        do: rename it',
    '        or: bulkhead adopt web',
  ]);
  expect(renderSummary(plans, { touched: false })).toContain("1 service can't be applied.");
});

test('what stands in the way of the only service is not called a match', () => {
  const obstacle = { at: ['name'], action: 'create web', problem: 'it is taken' };
  const plans = [hostPlan([servicePlan('web', { obstacles: [obstacle] })])];
  expect(renderSummary(plans, { touched: false })).toBe("1 service can't be applied. Nothing has been touched.");
});

test('a change of the record alone is called that', () => {
  const service = servicePlan('a', {
    action: 'update',
    steps: [{ verb: 'record', kind: 'files', key: 'a', reason: 'is recorded differently' }],
  });
  expect(renderPlans([hostPlan([service])], plain)[1]).toBe('  ~ a  update  update its record on the host');
});

test('what is there as wanted already is taken over', () => {
  const service = servicePlan('a', {
    action: 'create',
    steps: [{ verb: 'record', kind: 'files', key: 'a', reason: 'is not recorded' }],
  });
  expect(renderPlans([hostPlan([service])], plain)[1]).toBe('  + a  create  take over unchanged');
});

const motd = servicePlan('motd', {
  action: 'update',
  steps: [{ verb: 'write', kind: 'files', key: '/etc/motd', reason: 'content differs' }],
});
const motdWith = (content: string) =>
  manifest('motd', { files: { '/etc/motd': { content, mode: '0644', owner: 'root', group: 'root' } } });
const motdBefore = (text: string) => {
  const file = { type: 'file' as const, content: Buffer.from(text), mode: '0644', owner: 'root', group: 'root' };
  return new Map([['/etc/motd', file]]);
};

test('data that is lost is said in words, beside the service and in the summary', () => {
  const machine = servicePlan('db', {
    action: 'destroy',
    steps: [
      { verb: 'delete', kind: 'objects', key: 'machine-root:/var/lib/machines/db', reason: 'is no longer declared' },
    ],
    desired: undefined,
  });
  const plans = [hostPlan([machine])];
  expect(renderPlans(plans, plain).slice(1)).toEqual([
    '  - db  destroy  delete 1 machine root',
    '      data loss: machine-root:/var/lib/machines/db is removed with all that was written into it',
  ]);
  expect(renderSummary(plans, { touched: true })).toBe('1 of 1 to change: 1 to destroy. Data is lost: db.');
});

test('a value that is long is cut, and one that comes or goes says so', () => {
  const changes = [
    { key: 'Service.ExecStart', before: 'x'.repeat(80), after: 'y' },
    { key: 'Service.User', after: 'web' },
    { key: 'Service.Nice', before: '' },
  ];
  const step = { verb: 'write', kind: 'files', key: API_UNIT, reason: 'differs', changes } as const;
  const plans = [hostPlan([{ ...apiUpdated, steps: [step] }])];
  expect(renderPlans(plans, plain).slice(1)).toEqual([
    `  ~ api  reload  api.service: Service.ExecStart ${'x'.repeat(57)}... -> y`,
    '      api.service: Service.User web is new',
    '      api.service: Service.Nice "" is removed',
  ]);
});

test('a service of several units says which of them restart', () => {
  const unit = { state: 'active', restartOn: ['/etc/motd'] };
  const desired = { ...motdWith('b\n'), units: { 'a.service': unit, 'b.service': unit } };
  const restarts = Object.keys(desired.units).map(
    (key) => ({ verb: 'restart', kind: 'units', key, reason: '/etc/motd changes' }) as const,
  );
  const plans = [hostPlan([{ ...motd, desired, steps: [...motd.steps, ...restarts] }], { files: motdBefore('a\n') })];
  expect(renderPlans(plans, plain).slice(1)).toEqual([
    '  ~ motd  restart  /etc/motd content differs',
    '        - a',
    '        + b',
    '      restart a.service, b.service',
  ]);
});

test('a long difference is cut, and says how much is missing', () => {
  const content = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('');
  const plans = [hostPlan([{ ...motd, desired: motdWith(content) }], { files: motdBefore('a\nb\n') })];
  const lines = renderPlans(plans, plain);
  expect(lines).toContain('        ... and 18 more lines');
});

test('bytes from a host cannot steer the terminal', () => {
  const plans = [hostPlan([{ ...motd, desired: motdWith('') }], { files: motdBefore('\u001b[2J\r\n') })];
  expect(renderPlans(plans, plain)).toContain('        - \\x1b[2J\\x0d');
  const changes = [{ key: 'Service.\u001b[2J', before: '\u0007', after: '' }];
  const step = { verb: 'write', kind: 'files', key: API_UNIT, reason: 'differs', changes } as const;
  expect(renderPlans([hostPlan([{ ...apiUpdated, steps: [step] }])], plain)[1]).toMatch(
    /Service\.\\x1b\[2J \\x07 -> ""$/,
  );
});

test('colours go to signs and differences', () => {
  const plans = [hostPlan([created, { ...motd, desired: motdWith('b\n') }], { files: motdBefore('a\n') })];
  const lines = renderPlans(plans, painter);
  expect(lines).toContain('  <green>+</> db    create  load 1 machine root, write 2 files, start');
  expect(lines).toContain('        <red>- a</>');
});

test('the JSON document has the same facts', () => {
  const document = planDocument([
    ...all,
    { target: target({ path: 'shop/b' }), error: { message: 'Cannot reach it' } },
  ]);
  expect(document.summary).toEqual({ none: 1, create: 1, update: 1, repair: 1, destroy: 1 });
  expect(document.hosts[0]).toMatchObject({ stack: 'shop', path: 'shop/host', address: 'ssh://root@192.0.2.10' });
  expect(document.hosts[0]?.services[1]).toEqual({
    name: 'api',
    path: 'shop/host/api',
    action: 'update',
    impacts: [{ kind: 'restart', key: 'api.service', reason: `${API_UNIT} differs in Service.Environment` }],
    obstacles: [],
    steps: [{ ...apiUpdated.steps[0], diff: ['-Environment=LOG=info', '+Environment=LOG=debug'] }, apiUpdated.steps[1]],
  });
  expect(document.hosts[1]).toMatchObject({ path: 'shop/b', services: [], error: { message: 'Cannot reach it' } });
});

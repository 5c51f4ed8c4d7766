import { factsDocument, parseTimestamp, renderFacts, statusOf } from '../../lib/cli/status';
import { bytes, renderStatus } from '../../lib/cli/status-table';
import type { ActualUnit } from '../../lib/engine';
import { directoryOf } from '../../lib/network';
import { hostState, manifest, recorded } from './fixtures';

const UNIT = { state: 'active', restartOn: [] } as const;
const web = manifest('web', { units: { 'web.service': UNIT, 'web.socket': UNIT } });
const records = recorded(web);

function unit(activeState: string, more: Partial<ActualUnit> = {}): ActualUnit {
  return {
    loadState: 'loaded',
    activeState,
    subState: 'running',
    unitFileState: 'enabled',
    fragmentPath: '',
    sourcePath: '',
    result: 'success',
    activeEnterTimestamp: 'Sun 2026-11-22 12:00:00 UTC',
    memoryCurrent: '1048576',
    ...more,
  };
}

const statusWith = (units: Record<string, ActualUnit>) =>
  statusOf(web, records.get('web'), hostState({ records, units: new Map(Object.entries(units)) }));

test('a service is active since its last unit became active, and uses what all of them use', () => {
  const later = unit('active', { activeEnterTimestamp: 'Sun 2026-11-22 12:00:30 UTC' });
  expect(statusWith({ 'web.service': unit('active'), 'web.socket': later })).toEqual({
    stack: 'shop',
    name: 'web',
    path: 'shop/host/web',
    runtime: 'systemd',
    state: 'active',
    since: '2026-11-22T12:00:30.000Z',
    memory: 2097152,
  });
});

test('the unit that most needs attention gives the state', () => {
  expect(statusWith({ 'web.service': unit('failed'), 'web.socket': unit('active') }).state).toBe('failed');
  expect(statusWith({ 'web.service': unit('activating'), 'web.socket': unit('active') }).state).toBe('activating');
  expect(statusWith({ 'web.socket': unit('active') }).state).toBe('inactive');
});

describe('a service that another unit starts', () => {
  const timer = manifest('backup', { units: { 'backup.timer': UNIT, 'backup.service': { restartOn: [] } } });
  const socket = manifest('echo', { units: { 'echo.socket': UNIT } });
  const state = (service: typeof timer, units: Record<string, ActualUnit>) => {
    const known = recorded(service);
    return statusOf(
      service,
      known.get(service.name),
      hostState({ records: known, units: new Map(Object.entries(units)) }),
    );
  };
  const waiting = unit('active', { subState: 'waiting', nextElapse: '@1764158400', lastTrigger: '@1764072000' });

  test('is waiting between its runs, with the time of the next and the last one', () => {
    expect(state(timer, { 'backup.timer': waiting, 'backup.service': unit('inactive') })).toMatchObject({
      state: 'waiting',
      since: '2026-11-22T12:00:00.000Z',
      next: '2025-11-26T12:00:00.000Z',
      last: '2025-11-25T12:00:00.000Z',
    });
    expect(state(timer, { 'backup.timer': waiting }).state).toBe('waiting');
    expect(state(socket, { 'echo.socket': unit('active', { subState: 'listening' }) }).state).toBe('listening');
  });

  test.each([
    ['running', 'activating', 'activating'],
    ['waiting', 'failed', 'failed'],
    ['elapsed', 'inactive', 'elapsed'],
  ])('with a timer that is %s and a service that is %s is %s', (subState, service, expected) => {
    const units = { 'backup.timer': unit('active', { subState }), 'backup.service': unit(service) };
    expect(state(timer, units).state).toBe(expected);
  });

  test('is inactive without the unit that starts it', () => {
    expect(state(timer, { 'backup.service': unit('inactive') }).state).toBe('inactive');
  });

  test('shows its times in the table', () => {
    const now = Date.parse('2025-11-26T11:00:00Z');
    const row = state(timer, { 'backup.timer': unit('active', { ...waiting, activeEnterTimestamp: '@1764154500' }) });
    expect(renderStatus([row], { now })).toEqual([
      'NAME    RUNTIME  STATE    SINCE      RESTARTS  MEMORY  ADDRESS  PORTS  NEXT    LAST',
      'backup  systemd  waiting  5 min 0 s  -         1.0M    -        -      in 1 h  23 h',
    ]);
  });
});

test('what is not active has no time, and memory that systemd does not know is left out', () => {
  const status = statusWith({ 'web.service': unit('failed', { memoryCurrent: '[not set]' }) });
  expect(status.since).toBeUndefined();
  expect(status.memory).toBeUndefined();
});

test('a service without units is applied, one without a record is absent', () => {
  const file = manifest('motd', { runtime: 'file' });
  expect(statusOf(file, recorded(file).get('motd'), hostState()).state).toBe('applied');
  expect(statusOf(file, undefined, hostState()).state).toBe('absent');
});

test.each([
  ['@1763900000', 1763900000000],
  ['Sun 2026-11-22 12:00:00 UTC', Date.UTC(2026, 10, 22, 12)],
  ['', undefined],
  ['n/a', undefined],
  ['@0', undefined],
])('the time %p is read as %p', (text, expected) => {
  expect(parseTimestamp(text)).toBe(expected);
});

test.each([
  [512, '512B'],
  [1536, '1.5K'],
  [18 * 1024 * 1024, '18M'],
  [1.25 * 1024 ** 3, '1.3G'],
])('%p bytes are written as %p', (number, expected) => {
  expect(bytes(number)).toBe(expected);
});

test('services are a table', () => {
  const now = Date.parse('2026-11-22T12:00:42Z');
  const active = statusWith({ 'web.service': unit('active'), 'web.socket': unit('active') });
  const absent = statusOf(manifest('database', { runtime: 'nspawn' }), undefined, hostState());
  expect(renderStatus([active, absent], { now, width: 50 })).toEqual([
    'NAME      RUNTIME  STATE   SINCE  MEMORY',
    'web       systemd  active  42 s   2.0M',
    'database  nspawn   absent  -      -',
  ]);
});

test('a table has all columns where they fit, and the stack of each service on request', () => {
  const now = Date.parse('2026-11-22T12:00:42Z');
  const service = { ...statusWith({ 'web.service': unit('active'), 'web.socket': unit('active') }), restarts: 3 };
  const reached = { ...service, address: '10.64.0.2', ports: ['8080/tcp', '127.0.0.1:53/udp'] };
  expect(renderStatus([reached], { now, stacks: true, width: 120 })).toEqual([
    'STACK  NAME  RUNTIME  STATE   SINCE  RESTARTS  MEMORY  ADDRESS    PORTS                       NEXT  LAST',
    'shop   web   systemd  active  42 s   3         2.0M    10.64.0.2  8080/tcp, 127.0.0.1:53/udp  -     -',
  ]);
});

test('a service whose start waited for its health is healthy for as long as it runs', () => {
  const units = { 'api.service': { ...UNIT, probed: true }, 'api-network.service': UNIT };
  const probed = manifest('api', { units });
  const known = recorded(probed);
  const state = (activeState: string) =>
    statusOf(
      probed,
      known.get('api'),
      hostState({
        records: known,
        units: new Map([
          ['api.service', unit(activeState)],
          ['api-network.service', unit('active')],
        ]),
      }),
    );
  expect(state('active')).toMatchObject({ state: 'healthy', since: '2026-11-22T12:00:00.000Z' });
  expect(state('activating').state).toBe('activating');
  expect(state('failed').state).toBe('failed');
});

test('how a service is reached comes from its claims and from the network that it is on', () => {
  const claims = ['tcp 0.0.0.0:8080', 'udp 127.0.0.1:53', 'tcp [::1]:5432', 'tcp *:80', 'uids 1-2'];
  const api = manifest('api', { claims, units: { 'api.service': UNIT } });
  const network = manifest('net', { units: { 'net.service': UNIT } });
  const member = { name: 'api', names: ['api'], address: '10.64.0.2', address6: 'fd00::2', published: [] };
  const content = Buffer.from(JSON.stringify({ name: 'net', services: [member], allowed: [] }));
  const file = { type: 'file', mode: '0644', owner: 'root', group: 'root', content } as const;
  const known = recorded(api, network);
  const units = new Map([['api.service', unit('active', { restarts: '2' })]]);
  const files = new Map([[`${directoryOf('net')}/network.json`, file]]);
  expect(statusOf(api, known.get('api'), hostState({ records: known, units, files }))).toMatchObject({
    restarts: 2,
    address: '10.64.0.2',
    ports: ['8080/tcp', '127.0.0.1:53/udp', '[::1]:5432/tcp', '80/tcp'],
  });
});

test('a host is a line: its system, then what runs services there', () => {
  const programs = new Map([
    ['systemd', '257'],
    ['podman', '5.4.2'],
    ['ip', ''],
  ]);
  const facts = factsDocument({ os: 'Debian GNU/Linux 13 (trixie)', machine: 'x86_64', cgroup: 'v2', programs });
  expect(facts.programs).toEqual({ systemd: '257', podman: '5.4.2', ip: '' });
  expect(renderFacts(facts)).toBe('Debian GNU/Linux 13 (trixie), cgroup v2, systemd 257, podman 5.4.2, ip');
});

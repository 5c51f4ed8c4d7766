import {
  ConfigFile,
  type Host,
  SystemdPath,
  type SystemdPathProps,
  SystemdService,
  SystemdSocket,
  type SystemdSocketProps,
  SystemdTimer,
  type SystemdTimerProps,
} from 'bulkhead';
import { host, problemsOf, section, textOf } from '../testing';

const command = ['/usr/bin/job'];
const timer = (props: Partial<SystemdTimerProps> = {}, scope = host()) =>
  new SystemdTimer(scope, 'job', { command, onCalendar: 'daily', ...props });
const path = (props: Partial<SystemdPathProps> = {}, scope = host()) =>
  new SystemdPath(scope, 'job', { command, exists: '/srv/in', ...props });
const socket = (props: Partial<SystemdSocketProps> = {}, scope = host()) =>
  new SystemdSocket(scope, 'job', { command, ports: [7000], ...props });

const FILE = '/etc/systemd/system/job';
const linesOf = (made: SystemdTimer | SystemdPath | SystemdSocket, unit: string, name: string) =>
  section(textOf(made, `/etc/systemd/system/${unit}`), name);

describe('a timer', () => {
  test('is one unit that waits, and one that it starts', () => {
    const made = timer({ persistent: true, randomizedDelay: '10min' });
    expect(textOf(made, `${FILE}.timer`)).toBe(`[Unit]
Description=Timer of job

[Timer]
OnCalendar=daily
Persistent=yes
RandomizedDelaySec=600

[Install]
WantedBy=timers.target
`);
    const service = textOf(made, `${FILE}.service`);
    expect(section(service, 'Service')).toEqual(
      expect.arrayContaining(['Type=oneshot', 'ExecStart=/usr/bin/job', 'DynamicUser=yes', 'Restart=no']),
    );
    expect(service).not.toContain('[Install]');
    expect(made.manifest.units).toEqual({
      'job.timer': { state: 'active', enabled: true, restartOn: [`${FILE}.timer`] },
      'job.service': { restartOn: [] },
    });
    expect([made.unitName, made.triggeredUnit]).toEqual(['job.timer', 'job.service']);
  });

  test('has many times, and others by hand', () => {
    expect(linesOf(timer({ onCalendar: ['Mon 04:00', 'Fri 05:00'] }), 'job.timer', 'Timer')).toEqual([
      'OnCalendar=Mon 04:00',
      'OnCalendar=Fri 05:00',
    ]);
    const made = new SystemdTimer(host(), 'job', { command, directives: { Timer: { OnUnitActiveSec: '5min' } } });
    expect(linesOf(made, 'job.timer', 'Timer')).toEqual(['OnUnitActiveSec=5min']);
  });

  test('runs again what failed only when told to', () => {
    expect(linesOf(timer({ restart: 'on-failure' }), 'job.service', 'Service')).toContain('Restart=on-failure');
  });

  test('orders its service, not itself, after what it depends on', () => {
    const scope = host();
    const db = new SystemdService(scope, 'db', { command });
    const conf = new ConfigFile(scope, 'conf', { path: '/etc/job.conf', content: '' });
    const made = timer({ dependsOn: [db], environmentFiles: [conf] }, scope);
    expect(linesOf(made, 'job.service', 'Unit')).toContain('Wants=db.service');
    expect(linesOf(made, 'job.timer', 'Unit')).toEqual(['Description=Timer of job']);
    expect(made.dependencies).toEqual([db, conf]);
  });
});

describe('a path unit', () => {
  test('watches what its props name', () => {
    const lines = linesOf(path({ changed: '/srv/a b', directoryNotEmpty: '/srv/c' }), 'job.path', 'Path');
    expect(lines).toEqual(['PathChanged=/srv/a b', 'PathExists=/srv/in', 'DirectoryNotEmpty=/srv/c']);
    expect(linesOf(path(), 'job.service', 'Service')).toContain('Type=oneshot');
  });
});

describe('a socket', () => {
  test('listens, and hands on what it hears to one service, which can listen nowhere itself', () => {
    const made = socket({ ports: [7000, '127.0.0.1:53:53/udp'], paths: ['/run/job.sock'] });
    expect(linesOf(made, 'job.socket', 'Socket')).toEqual([
      'ListenStream=7000',
      'ListenStream=/run/job.sock',
      'ListenDatagram=127.0.0.1:53',
    ]);
    expect(linesOf(made, 'job.service', 'Service')).toContain('SocketBindDeny=1-65535');
    expect(linesOf(made, 'job.service', 'Unit')).toContain('PartOf=job.socket');
    expect(made.ports).toMatchObject([{ host: '7000' }, { host: '53', protocol: 'udp' }]);
    expect(made.manifest.units).toEqual({
      'job.socket': { state: 'active', enabled: true, restartOn: [`${FILE}.socket`, `${FILE}.service`] },
      'job.service': { restartOn: [] },
    });
  });

  test('starts an instance for each connection', () => {
    const made = socket({ accept: true });
    expect(linesOf(made, 'job.socket', 'Socket')).toContain('Accept=yes');
    expect(linesOf(made, 'job@.service', 'Service')).toEqual(
      expect.arrayContaining(['StandardInput=socket', 'StandardError=journal', 'Restart=no']),
    );
    expect(linesOf(made, 'job@.service', 'Unit')).toContain('CollectMode=inactive-or-failed');
    expect(Object.keys(made.manifest.units)).toEqual(['job.socket']);
  });

  test('takes a port that no other service of the host has', () => {
    const scope = host();
    socket({}, scope);
    new SystemdService(scope, 'other', { command, ports: [7000] });
    expect(problemsOf(scope).join()).toContain('7000');
  });
});

test('the catalogs know all of it, and what is by hand replaces a default', () => {
  const makes: ((scope: Host) => unknown)[] = [
    (scope) =>
      timer({ persistent: true, directives: { Service: { Type: 'exec' }, Timer: { AccuracySec: '1s' } } }, scope),
    (scope) => path({ changed: '/srv/a' }, scope),
    (scope) => socket({ accept: true, directives: { Socket: { MaxConnections: 3 } } }, scope),
  ];
  for (const make of makes) {
    const scope = host();
    make(scope);
    expect(problemsOf(scope)).toEqual([]);
  }
  expect(linesOf(timer({ directives: { Service: { Type: 'exec' } } }), 'job.service', 'Service')).toContain(
    'Type=exec',
  );
});

test.each<[() => unknown, string]>([
  [() => new SystemdTimer(host(), 'job', { command }), 'it would never run, expected a time such as "daily"'],
  [
    () => new SystemdPath(host(), 'job', { command }),
    'expected changed, exists or directoryNotEmpty (at shop/host/job)',
  ],
  [() => new SystemdSocket(host(), 'job', { command }), 'expected ports or paths (at shop/host/job)'],
  [() => path({ exists: 'in' }), '(at shop/host/job.exists)'],
  [() => socket({ ports: ['8080:80'] }), '(at shop/host/job.ports[0])'],
  [() => timer({ randomizedDelay: 'soon' as never }), '(at shop/host/job.randomizedDelay)'],
  [() => timer({ ports: [1] } as never), 'Cannot set "ports": is not a prop'],
  [() => timer({ directives: { Path: {} } as never }), 'expected one of Unit, Service, Timer, Install'],
  [
    () => timer({ directives: { Timer: { OnCalendar: 'weekly' } } }),
    'Cannot set OnCalendar in directives.Timer: already set by onCalendar',
  ],
])('case %# is refused', (make, message) => {
  expect(make).toThrow(message);
});

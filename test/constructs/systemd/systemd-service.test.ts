import { ConfigFile, raw, type ServiceSection, SystemdService, type SystemdServiceProps } from 'bulkhead';
import { host, problemsOf, section, textOf } from '../testing';

const PATH = '/etc/systemd/system/web.service';
const make = (props: Partial<SystemdServiceProps> = {}, scope = host()) =>
  new SystemdService(scope, 'web', { command: ['/usr/bin/web'], ...props });
const serviceOf = (props: Partial<SystemdServiceProps>) => section(textOf(make(props), PATH), 'Service');

test('a service with a command alone is closed', () => {
  expect(textOf(make(), PATH)).toBe(`[Unit]
After=network.target
Description=web
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/usr/bin/web
DynamicUser=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
UMask=0077
PrivateUsers=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictSUIDSGID=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SocketBindDeny=1-65535
Restart=on-failure
RestartSec=2

[Install]
WantedBy=multi-user.target
`);
});

test('its manifest is one file and one unit that starts, also at boot', () => {
  expect(make().manifest).toMatchObject({
    name: 'web',
    runtime: 'systemd',
    objects: {},
    units: { 'web.service': { state: 'active', enabled: true, restartOn: [PATH] } },
  });
  expect(make().unitName).toBe('web.service');
  expect(make({ adopt: true }).manifest.adopt).toBe(true);
});

test.each<[Partial<SystemdServiceProps>, string[]]>([
  [{ args: ['-p', '3000'] }, ['ExecStart=/usr/bin/web -p 3000']],
  [{ workingDirectory: '/srv/a b' }, ['WorkingDirectory=/srv/a b']],
  [{ user: 'www' }, ['User=www', 'DynamicUser=no']],
  [{ environment: { A: 'x y', B: '' } }, ['Environment="A=x y"', 'Environment=B=']],
  [{ environmentFiles: ['/etc/web.env'] }, ['EnvironmentFile=/etc/web.env']],
  [{ environmentFiles: ['/etc/[a]*?\\'] }, ['EnvironmentFile=/etc/\\[a\\]\\*\\?\\\\']],
  [{ memory: '512M', cpu: 1.5, tasks: 100 }, ['MemoryMax=512M', 'CPUQuota=150%', 'TasksMax=100']],
  [{ restart: 'always', stopTimeout: '5min' }, ['Restart=always', 'TimeoutStopSec=300']],
  [
    { ports: [3000, '127.0.0.1:53:53/udp'] },
    ['SocketBindAllow=tcp:3000', 'SocketBindAllow=ipv4:udp:53', 'SocketBindDeny=1-65535'],
  ],
  [{ volumes: ['/srv/a:/b', '/srv/c:/d:ro'] }, ['BindPaths=/srv/a:/b', 'BindReadOnlyPaths=/srv/c:/d']],
  [{ volumes: [{ source: '/a:b', target: '/c' }] }, ['BindPaths=/a\\:b:/c']],
  [{ root: '/srv/root' }, ['RootDirectory=/srv/root', 'MountAPIVFS=yes']],
  [{ group: 'www', groups: ['ssl-cert', '27'] }, ['Group=www', 'SupplementaryGroups=ssl-cert 27', 'DynamicUser=yes']],
  [{ groups: [], directives: { Service: { SupplementaryGroups: 'adm' } } }, ['SupplementaryGroups=adm']],
  [{ umask: '0027' }, ['UMask=0027']],
  [{ stateDirectory: 'web' }, ['StateDirectory=web', 'StateDirectoryMode=0700']],
  [{ runtimeDirectory: 'web' }, ['RuntimeDirectory=web', 'RuntimeDirectoryMode=0700']],
  [
    { cacheDirectory: 'web/pages', directives: { Service: { CacheDirectoryMode: '0755' } } },
    ['CacheDirectory=web/pages', 'CacheDirectoryMode=0755'],
  ],
  [{ logsDirectory: 'web' }, ['LogsDirectory=web', 'LogsDirectoryMode=0700']],
  [{ jit: true }, ['MemoryDenyWriteExecute=no']],
])('%j becomes %j', (props, lines) => {
  expect(serviceOf(props)).toEqual(expect.arrayContaining(lines));
});

test.each<[string, Partial<SystemdServiceProps>, ServiceSection]>([
  ['group', { group: 'www' }, { Group: 'adm' }],
  ['groups', { groups: ['www'] }, { SupplementaryGroups: ['adm'] }],
  ['umask', { umask: '0022' }, { UMask: '0077' }],
  ['stateDirectory', { stateDirectory: 'a' }, { StateDirectory: 'b' }],
  ['runtimeDirectory', { runtimeDirectory: 'a' }, { RuntimeDirectory: 'b' }],
  ['cacheDirectory', { cacheDirectory: 'a' }, { CacheDirectory: 'b' }],
  ['logsDirectory', { logsDirectory: 'a' }, { LogsDirectory: 'b' }],
])('%s and its directive are refused together', (prop, props, Service) => {
  const [key] = Object.keys(Service);
  expect(() => make({ ...props, directives: { Service } })).toThrow(
    `Cannot set ${key} in directives.Service: already set by ${prop}, expected one of the two (at shop/host/web.directives.Service)`,
  );
});

test.each(['0088', '22', 0o777])('the umask %j is refused', (umask) => {
  expect(() => make({ umask: umask as string })).toThrow(
    /^Cannot set umask to .*: is not a umask, expected octal digits such as "0022" \(at shop\/host\/web\.umask\)$/,
  );
});

test('a capability is held, bounds the rest, and needs the users of the host', () => {
  expect(serviceOf({ capabilities: ['CAP_CHOWN'], ports: [80] })).toEqual(
    expect.arrayContaining([
      'CapabilityBoundingSet=CAP_CHOWN CAP_NET_BIND_SERVICE',
      'AmbientCapabilities=CAP_CHOWN CAP_NET_BIND_SERVICE',
      'PrivateUsers=no',
    ]),
  );
  expect(serviceOf({ ports: [1024] })).toEqual(expect.arrayContaining(['CapabilityBoundingSet=', 'PrivateUsers=yes']));
});

test('hostile words and values are escaped', () => {
  const hostile = 'a "b" $HOME %h \\ \n[Service]';
  const lines = serviceOf({ command: ['/usr/bin/web', hostile], environment: { A: hostile } });
  expect(lines).toContain(String.raw`ExecStart=/usr/bin/web "a \"b\" $$HOME %%h \\ \n[Service]"`);
  expect(lines).toContain(String.raw`Environment="A=a \"b\" $HOME %%h \\ \n[Service]"`);
});

test('a directive replaces a default, and raw text is left alone', () => {
  const lines = serviceOf({ directives: { Service: { ProtectHome: 'read-only', LogExtraFields: raw('A=%i') } } });
  expect(lines).toContain('ProtectHome=read-only');
  expect(lines).toContain('LogExtraFields=A=%i');
  expect(lines).not.toContain('ProtectHome=yes');
});

test('a config file that it mounts comes first and restarts it', () => {
  const scope = host();
  const conf = (content: string, scope = host()) => new ConfigFile(scope, 'conf', { path: '/etc/web.conf', content });
  const triggersFor = (content: string) => {
    const scope = host();
    const file = conf(content, scope);
    const web = make({ volumes: [{ source: file, target: '/etc/web.conf' }], environmentFiles: [file] }, scope);
    expect(web.dependencies).toEqual([file]);
    return web.manifest.units['web.service']?.triggers;
  };
  expect(Object.keys(triggersFor('a') ?? {})).toEqual(['/etc/web.conf']);
  expect(triggersFor('a')).toEqual(triggersFor('a'));
  expect(triggersFor('a')).not.toEqual(triggersFor('b'));
  expect(textOf(make({ volumes: [{ source: conf('', scope), target: '/a' }] }, scope), PATH)).toContain(
    'BindReadOnlyPaths=/etc/web.conf:/a',
  );
});

test.each<[Partial<SystemdServiceProps>, string]>([
  [
    { ports: ['8080:80'] },
    'Cannot publish "8080:80": on the host\'s network, a port can\'t be remapped, expected the same port on both sides, or a service on a Network (at shop/host/web.ports[0])',
  ],
  [
    { command: '/bin/sh -c x' as never },
    'Cannot set command to "/bin/sh -c x": is not an array, expected [ ... ] (at shop/host/web.command)',
  ],
  [
    { workingDirectory: 'srv' },
    'Cannot use as workingDirectory "srv": is not an absolute path, expected an absolute path without "." and ".." (at shop/host/web.workingDirectory)',
  ],
  [
    { environment: { A: 1 as never } },
    'Cannot set variable A to 1: is number, expected text (at shop/host/web.environment.A)',
  ],
  [{ environment: { 'A B': '' } }, 'Cannot set variable "A B": is not a variable name'],
  [{ memory: '1 elephant' as never }, '(at shop/host/web.memory)'],
  [{ stopTimeout: '3 bananas' as never }, '(at shop/host/web.stopTimeout)'],
  [
    { memory: '1G', directives: { Service: { MemoryMax: '2G' } } },
    'Cannot set MemoryMax in directives.Service: already set by memory',
  ],
  [{ directives: { Service: { MemoryMx: '2G' } as never } }, 'MemoryMx'],
  [
    { directives: { Container: {} } as never },
    'Cannot write directives of "Container": its files have no such section, expected one of Unit, Service, Install (at shop/host/web.directives)',
  ],
  [{ volumes: ['/a\n:/b'] }, '(at shop/host/web)'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('a directive that is newer than the host is found at synthesis', () => {
  const web = make({ directives: { Service: { PrivatePIDs: true } } }, host({ systemd: 252 }));
  expect(problemsOf(web.host).join()).toMatch(/PrivatePIDs.*\(at shop\/host\/web\)/);
  expect(problemsOf(make().host)).toEqual([]);
});

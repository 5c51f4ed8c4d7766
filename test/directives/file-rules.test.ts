import { checkDirectives, type Format, readDirectives, reset } from '../../lib/directives';
import { checkRead } from '../../lib/directives/check-read';
import { RULE_SAMPLES } from './support/file-rules';
import { writeNetwork } from './support/read-write';

/** `Section.Key` of each problem of a file. */
const keysOf = (format: Format, file: object, target = {}) =>
  checkDirectives(format, file, target).map(({ section, key }) => `${section}.${key}`);

const Image = 'localhost/x';
const HOST = { systemd: 257, podman: '5.4.2' };

test.each(RULE_SAMPLES)('$key is refused in $format $refused', ({ key, format, refused, podman }) => {
  expect(keysOf(format, refused, podman ? { podman } : HOST)).toEqual([key]);
});

test.each(RULE_SAMPLES)('nothing is wrong in $format $accepted', ({ format, accepted, podman }) => {
  expect(checkDirectives(format, accepted, podman ? { podman } : HOST)).toEqual([]);
});

test.each<[string, Format, object]>([
  ['Files.OverlayReadOnly', 'nspawn', { Files: { OverlayReadOnly: '/usr' } }],
  ['Kube.RemapUsers', 'quadlet', { Kube: { Yaml: '/x', RemapUsers: 'manual' } }],
  ['Socket.ListenDatagram', 'unit', { Socket: [{ ListenDatagram: 53 }, { Accept: true }] }],
])('%s is refused in %s %j', (key, format, file) => {
  expect(keysOf(format, file)).toEqual([key]);
});

test.each<[Format, object]>([
  ['network', { RoutingPolicyRule: { Type: 'nop' }, IPv6SendRA: { DNS: '_link_local' } }],
  [
    'network',
    {
      Network: { IPv6SendRA: true },
      IPv6RoutePrefix: { LifetimeSec: 5 },
      IPv6PREF64Prefix: { LifetimeSec: 5 },
      Route: {},
    },
  ],
])('nothing is wrong in %s %j', (format, file) => {
  expect(keysOf(format, file)).toEqual([]);
});

test('a list without values is not set', () => {
  const file = { Timer: { OnCalendar: [], OnBootSec: 5, Persistent: true } };
  expect(keysOf('unit', file)).toEqual(['Timer.Persistent']);
  expect(keysOf('quadlet', { Volume: {}, Service: { ExecStart: reset([]) } })).toEqual([]);
});

test('a oneshot service restarts by its exit status since systemd 256', () => {
  const file = { Service: { Type: 'oneshot', ExecStart: ['/x'], RestartForceExitStatus: 5 } };
  expect(keysOf('unit', file, { systemd: 255 })).toEqual(['Service.RestartForceExitStatus']);
  expect(keysOf('unit', file, { systemd: 256 })).toEqual([]);
  expect(keysOf('unit', file)).toEqual([]);
});

test.each<[Format, object]>([
  ['unit', { Service: { PAMName: 'login', KillMode: '<later>' } }],
  ['quadlet', { Container: { Image }, Service: { KillMode: '<later>', Type: '<later>' } }],
  ['quadlet', { Volume: { Image, Driver: '<later>' } }],
  ['quadlet', { Build: { ImageTag: Image, File: '<later>' } }],
  ['quadlet', { Network: { Subnet: ['<later>'], Gateway: ['192.0.2.1', '198.51.100.1'] } }],
])('values that are not known yet are not looked into: %s %j', (format, file) => {
  expect(keysOf(format, file, { tokens: { pattern: /<later>/g } })).toEqual([]);
});

test('what Quadlet asks depends on the version of podman', () => {
  const pod = { Pod: {}, Service: { Environment: { A: '1' }, Restart: 'always' } };
  expect(keysOf('quadlet', pod, { podman: '5.4.2' })).toEqual(['Service.Restart', 'Service.Environment']);
  expect(keysOf('quadlet', pod, { podman: '5.8.6' })).toEqual(['Service.Restart']);
  expect(keysOf('quadlet', pod, { podman: '6.0.0' })).toEqual([]);
});

test('a drop-in need not be complete', () => {
  expect(keysOf('quadlet', { Container: { Environment: { A: '1' } } })).toEqual(['Container.Image']);
  expect(keysOf('quadlet', { Container: { Environment: { A: '1' } } }, { dropIn: true })).toEqual([]);
});

test('problems of files that were read have their lines', () => {
  const read = readDirectives('quadlet', [{ name: 'a.container', text: '[Container]\nExec=a\n[Service]\nUser=x\n' }]);
  expect(checkRead('quadlet', read).map(({ file, line, key }) => ({ file, line, key }))).toEqual([
    { file: 'a.container', line: 1, key: 'Image' },
    { file: 'a.container', line: 4, key: 'User' },
  ]);
});

test('several devices of a kind have a line each, which every version takes', () => {
  const file = { Match: { Name: 'lan' }, Network: { VLAN: ['a', 'b'] } };
  expect(writeNetwork(file)).toBe('[Match]\nName=lan\n\n[Network]\nVLAN=a\nVLAN=b\n');
  const text = '[Network]\nVLAN=a b\n';
  expect(readDirectives('network', text).sections).toEqual({ Network: { VLAN: ['a', 'b'] } });
  expect(readDirectives('network', text, { systemd: 257 }).problems).toHaveLength(1);
});

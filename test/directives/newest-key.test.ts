import { type Format, raw, reset, writeFile } from '../../lib/directives';

const newestKeys = (format: Format, file: object) => writeFile(format, file).newest;

test('the newest key of a file decides', () => {
  expect(newestKeys('unit', { Service: { ExecStart: ['/bin/a'], RestartSteps: 3, SocketBindDeny: '1' } })).toEqual({
    systemd: { version: '254', section: 'Service', key: 'RestartSteps', page: 'systemd.service(5)' },
  });
});

test('keys that were always there and those not set say nothing', () => {
  expect(newestKeys('unit', { Unit: { After: 'a.service' }, Service: { RestartSteps: undefined } })).toEqual({});
});

test('a value may be newer than its key', () => {
  const version = (value: unknown) => newestKeys('unit', { Service: { ProtectHostname: value } }).systemd?.version;
  expect([true, 'private', reset(['private']), raw('private')].map(version)).toEqual(['242', '258', '258', '242']);
});

test('Quadlet gives some texts on only since a version', () => {
  const version = (key: string, text: string) => {
    const { newest } = writeFile('quadlet', { Container: { Image: 'x', [key]: text } });
    return newest.podman?.version;
  };
  expect(version('HealthCmd', 'echo "hi"')).toBe('5.8.2');
  expect(version('HealthCmd', 'echo "hi" x')).toBe('4.5');
  expect(version('Entrypoint', '')).toBe('5.8.2');
});

test('in a Quadlet file both podman and systemd read', () => {
  const file = { Container: { Image: 'a.b/c', Notify: 'healthy', Memory: '1G' }, Service: { RestartSteps: 3 } };
  expect(newestKeys('quadlet', file)).toMatchObject({
    podman: { key: 'Memory', section: 'Container', page: 'podman-systemd.unit(5)' },
    systemd: { key: 'RestartSteps' },
  });
});

test('sections that may stand several times are all looked at', () => {
  const file = { Match: {}, Address: [{ Address: '10.0.0.1/8' }, { Address: '10.0.0.2/8', AddPrefixRoute: true }] };
  expect(newestKeys('network', file).systemd?.key).toBe('AddPrefixRoute');
});

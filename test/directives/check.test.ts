import { checkDirectives, type Format, raw } from '../../lib/directives';

function messages(format: Format, file: object, target = {}): string[] {
  return checkDirectives(format, file, target).map(({ section, key, message }) => `${section}.${key}: ${message}`);
}

describe('checkDirectives()', () => {
  test('finds nothing wrong with a good file', () => {
    const file = {
      Unit: { Description: 'x', After: ['network-online.target'] },
      Container: {
        Image: 'docker.io/library/caddy:2',
        PublishPort: ['80:80', '127.0.0.1:8080:80/tcp', 443, '[::1]:53:53/udp', '8000-8010:9000-9010'],
        HealthInterval: '1m30s',
        AddCapability: ['CAP_NET_ADMIN'],
        DropCapability: 'all',
      },
      Service: { Restart: 'always', TimeoutStartSec: 900, ExecStartPre: [['/bin/true']] },
      Install: { WantedBy: 'default.target' },
    };
    expect(messages('quadlet', file, { systemd: 257, podman: '5.4.2' })).toEqual([]);
  });

  test('reports every problem, each with its manual page', () => {
    const file = {
      Unit: { After: 'network' },
      Service: { Restrat: 'no', MemoryMax: '1GB', CapabilityBoundingSet: ['CAP_CHOWN', 'CAP_BOGUS'], User: 'a\nb' },
      Servce: {},
    };
    expect(messages('unit', file)).toEqual([
      'Unit.After: is "network", expected a unit name with its type such as a.service; raw() for specifiers, see systemd.unit(5)',
      'Service.Restrat: unknown key, expected Restart, see systemd.service(5)',
      'Service.MemoryMax: is "1GB", expected a size such as 512M (K, M, G, T, P, E), a percentage such as 50%, or infinity, see systemd.resource-control(5)',
      'Service.CapabilityBoundingSet: is "CAP_BOGUS", expected a capability such as CAP_NET_ADMIN, see systemd.exec(5)',
      'Service.User: "a\\nb" has a line break, expected one line, see systemd.exec(5)',
      'Servce.: unknown section, expected Service',
    ]);
  });

  test('says in which section a misplaced key belongs', () => {
    expect(messages('unit', { Service: { WantedBy: 'multi-user.target' } })).toEqual([
      'Service.WantedBy: unknown key, expected it in [Install], see systemd.service(5)',
    ]);
  });

  test('reports what is newer than the target, and what the target ignores', () => {
    const file = { Service: { PrivatePIDs: true, PrivateUsers: 'full', CPUShares: '5', MemoryHigh: '1G' } };
    expect(messages('unit', file, { systemd: 252 })).toEqual([
      'Service.PrivatePIDs: available since systemd 257, the host has 252, see systemd.exec(5)',
      'Service.PrivateUsers: full is available since systemd 258, the host has 252, see systemd.exec(5)',
    ]);
    expect(messages('unit', file, { systemd: 258 })).toEqual([
      'Service.CPUShares: ignored since systemd 258, the host has 258, expected CPUWeight, see systemd.resource-control(5)',
    ]);
    expect(messages('unit', file)).toEqual([]);
    const container = { Container: { Image: 'x', HttpProxy: true } };
    expect(messages('quadlet', container, { podman: '5.10' })).toEqual([]);
    expect(messages('quadlet', container, { podman: '5.4.2' })).toEqual([
      'Container.HttpProxy: available since podman 5.7, the host has 5.4.2, see podman-systemd.unit(5)',
    ]);
  });

  test('reports what Quadlet makes no unit of, or drops', () => {
    const file = { Container: { RunInit: 'maybe', HealthCmd: 'a "b"' }, Service: { Type: 'simple', User: 'x' } };
    const found = messages('quadlet', file, { podman: '5.4.2' });
    expect(found.map((message) => message.split(',')[0])).toEqual([
      'Container.RunInit: is "maybe"',
      'Container.HealthCmd: "a \\"b\\"" loses the double quotes at its ends before podman 5.8.2',
      'Container.Image: is missing',
      'Service.User: podman does not run under it',
      'Service.Type: is "simple"',
    ]);
  });

  test('reports parameters that systemd-nspawn would not use', () => {
    expect(messages('nspawn', { Exec: { Parameters: ['/bin/true'] } })).toEqual([
      'Exec.Parameters: is ignored without Boot or ProcessTwo, expected Boot: false beside it, see systemd.nspawn(5)',
    ]);
    expect(messages('nspawn', { Exec: { Boot: false, Parameters: ['/bin/true'] } })).toEqual([]);
  });

  test('knows units by their Quadlet files in Quadlet files only', () => {
    expect(messages('quadlet', { Unit: { After: ['db.container'] } })).toEqual([]);
    expect(messages('unit', { Unit: { After: ['db.container'] } })).toHaveLength(1);
  });

  test('takes raw values as they are', () => {
    const Service = { Restart: raw('%i'), CapabilityBoundingSet: [raw('CAP_NEW')], MemoryMax: raw('1GB') };
    expect(messages('unit', { Service })).toEqual([]);
  });

  test('says when a section that comes once is given several times', () => {
    expect(messages('network', { Match: [{}, {}], Route: [{}, {}] })).toEqual([
      'Match.: is a list, expected the section only once',
    ]);
  });
});

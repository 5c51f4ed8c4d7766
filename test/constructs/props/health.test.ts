import { type Health, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { host, problemsOf, section, textOf } from '../testing';

const systemd = (health: Health, scope = host()) =>
  new SystemdService(scope, 'web', { command: ['/usr/bin/web'], health });
const podman = (health: Health, scope = host()) =>
  new PodmanService(scope, 'web', { image: 'docker.io/a/web:1', health });
const nspawn = (health: Health, scope = host()) => new NspawnMachine(scope, 'web', { root: '/srv/web', health });
const serviceOf = (service: SystemdService | NspawnMachine) =>
  section(textOf(service, '/etc/systemd/system/web.service'), 'Service');
const quadletOf = (service: PodmanService, name: string) =>
  section(textOf(service, '/etc/containers/systemd/web.container'), name);
const probeOf = (lines: readonly string[]) => lines.find((line) => line.startsWith('ExecStartPost=')) ?? '';

describe('a probe is a command that the start waits for', () => {
  test('of the host, outside of the sandbox, for the network of a systemd service', () => {
    const lines = serviceOf(systemd({ tcp: 5432, timeout: '90s', interval: '500ms' }));
    expect(probeOf(lines)).toMatch(/^ExecStartPost=\+\/bin\/bash -c .* health 90 0.5 bash -c .* 5432$/);
    expect(lines).toContain('TimeoutStartSec=100');
  });

  test('in the sandbox for a command of a systemd service', () => {
    const line = probeOf(serviceOf(systemd({ command: ['/usr/bin/is', 'a b', '$HOME %h'] })));
    expect(line).toMatch(/^ExecStartPost=\/bin\/bash -c .* health 60 1 \/usr\/bin\/is "a b" "\$\$HOME %%h"$/);
  });

  test('in the network of a container, which gets its time to be pulled', () => {
    const lines = quadletOf(podman({ http: 'http://localhost/healthz' }), 'Service');
    expect(probeOf(lines)).toMatch(/ bash -c "exec nsenter --net .* web bash -c .* http:\/\/localhost\/healthz$/);
    expect(lines).toContain('TimeoutStartSec=15min');
    expect(quadletOf(podman({ tcp: 1, timeout: '1h' }), 'Service')).toContain('TimeoutStartSec=3610');
  });

  test('inside of a container and of a machine', () => {
    expect(probeOf(quadletOf(podman({ command: ['/bin/is'] }), 'Service'))).toMatch(
      / podman --events-backend=none exec web \/bin\/is$/,
    );
    expect(probeOf(serviceOf(nspawn({ command: ['/bin/is'] })))).toMatch(/ "exec nsenter --all .* web \/bin\/is$/);
  });

  test('and its script has no value in it', () => {
    const script = (port: number) => probeOf(serviceOf(systemd({ tcp: port }))).replace(/ \d+$/, '');
    expect(script(1)).toBe(script(65535));
  });
});

test('a program that says itself when it is ready is waited for by systemd', () => {
  expect(serviceOf(systemd('notify'))).toContain('Type=notify');
  expect(quadletOf(podman('notify'), 'Container')).toContain('Notify=true');
  const machine = nspawn('notify');
  expect(section(textOf(machine, '/etc/systemd/nspawn/web.nspawn'), 'Exec')).toContain('NotifyReady=yes');
});

test('the catalogs know all of it', () => {
  for (const make of [systemd, podman, nspawn]) {
    for (const health of ['notify', { tcp: 1 }, { http: 'http://[::1]:80' }, { command: ['/bin/is'] }] as const) {
      const scope = host();
      make(health, scope);
      expect(problemsOf(scope)).toEqual([]);
    }
  }
});

test.each<[unknown, string]>([
  [{}, 'Cannot probe {}: does not have exactly one probe, expected "notify", or an object with http, tcp or command'],
  ['ready', 'Cannot probe "ready": does not have exactly one probe'],
  [{ tcp: 1, http: 'http://a' }, 'does not have exactly one probe'],
  [
    { tcp: 70000 },
    'Cannot probe 70000: is not a port, expected an integer from 1 to 65535 (at shop/host/web.health.tcp)',
  ],
  [{ http: 'https://a' }, 'expected a URL such as "http://localhost:3000/healthz"; for https use command'],
  [{ http: 'http://a/b c' }, '(at shop/host/web.health.http)'],
  [{ http: 'http://a/\r\nHost: b' }, '(at shop/host/web.health.http)'],
  [{ command: [] }, 'has no program'],
  [{ tcp: 1, timeout: '3 bananas' }, '(at shop/host/web.health.timeout)'],
  [{ tcp: 1, retries: 3 }, 'Cannot set "retries": is not a prop, expected one of interval, tcp, timeout'],
])('%j is refused', (health, message) => {
  expect(() => systemd(health as Health)).toThrow(message);
});

test('a command of the same kind by hand contradicts it', () => {
  const directives = { Service: { ExecStartPost: ['/bin/a'] } };
  const make = () => new SystemdService(host(), 'web', { command: ['/bin/a'], health: { tcp: 1 }, directives });
  expect(make).toThrow('Cannot set ExecStartPost in directives.Service: already set by health');
});

test('the programs that a probe is run with are asked of the host', () => {
  const programs = ({ manifest }: SystemdService | PodmanService | NspawnMachine) =>
    Object.keys(manifest.requires ?? {}).filter((name) => name === 'bash' || name === 'nsenter');
  expect(programs(systemd({ tcp: 80 }))).toEqual(['bash']);
  expect(programs(podman({ tcp: 80 }))).toEqual(['bash', 'nsenter']);
  expect(programs(nspawn({ tcp: 80 }))).toEqual(['bash', 'nsenter']);
  expect(programs(systemd('notify'))).toEqual([]);
});

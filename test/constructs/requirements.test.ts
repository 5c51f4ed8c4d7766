import { NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { requirementsOf } from '../../lib/constructs/requirements';
import { writeFile } from '../../lib/directives';
import { host } from './testing';

const unit = (key: string, value: unknown) => writeFile('unit', { Service: { [key]: value } }).newest;

test('the newest key of all files decides, and says which', () => {
  const files = [unit('RestartSteps', 3), unit('PrivatePIDs', true), unit('ProtectHome', true)];
  expect(requirementsOf(files)).toEqual({
    requires: { systemd: '257 for PrivatePIDs= in [Service], see systemd.exec(5)' },
  });
});

test('what a class needs stays unless a key is newer', () => {
  const container = (keys: object) => [writeFile('quadlet', { Container: keys }).newest];
  const programs = { podman: '4.4 for Quadlet' };
  expect(requirementsOf(container({ Image: 'a.b/c' }), programs)).toEqual({ requires: programs });
  expect(requirementsOf(container({ Memory: '1G' }), programs)).toEqual({
    requires: { podman: '5.5 for Memory= in [Container], see podman-systemd.unit(5)' },
  });
});

test('files without directives need nothing', () => {
  expect(requirementsOf([])).toEqual({});
});

test('every class says what it needs', () => {
  const scope = host();
  const image = 'docker.io/library/caddy:2';
  const needs = [
    new SystemdService(scope, 'a', { command: ['/bin/a'] }),
    new PodmanService(scope, 'b', { image }),
    new NspawnMachine(scope, 'c', { root: '/srv/c' }),
    new NspawnMachine(scope, 'd', { root: '/srv/c', ports: [80] }),
    new NspawnMachine(scope, 'e', { root: '/srv/c', ports: ['53/udp'] }),
  ].map(({ manifest }) => manifest.requires);
  expect(needs).toEqual([
    { systemd: '249 for SocketBindDeny= in [Service], see systemd.resource-control(5)' },
    { podman: '4.4 for Quadlet' },
    expect.objectContaining({ 'systemd-nspawn': 'for the machine', ip: 'for its network', sysctl: 'for its network' }),
    expect.objectContaining({ 'systemd-socket-proxyd': 'for its ports' }),
    expect.objectContaining({ socat: 'for its UDP ports' }),
  ]);
  for (const index of [2, 4]) expect(needs[index]).not.toHaveProperty('systemd-socket-proxyd');
  for (const index of [2, 3]) expect(needs[index]).not.toHaveProperty('socat');
});

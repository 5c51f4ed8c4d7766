import { NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { requirementsOf } from '../../../lib/constructs/service/requirements';
import { writeFile } from '../../../lib/directives/index';
import { host } from '../testing';

const unit = (key: string, value: unknown) => writeFile('unit', { Service: { [key]: value } }).newest;

test('the newest key of all files decides, and says which', () => {
  const files = [unit('RestartSteps', 3), unit('PrivatePIDs', true), unit('ProtectHome', true)];
  expect(requirementsOf(files)).toEqual({
    requires: { systemd: { least: '257', why: 'for PrivatePIDs= in [Service], see systemd.exec(5)' } },
  });
});

test('what a class needs stays unless a key is newer', () => {
  const container = (keys: object) => [writeFile('quadlet', { Container: keys }).newest];
  const programs = { podman: { least: '4.4', why: 'for Quadlet' } };
  expect(requirementsOf(container({ Image: 'a.b/c' }), programs)).toEqual({ requires: programs });
  expect(requirementsOf(container({ Memory: '1G' }), programs)).toEqual({
    requires: { podman: { least: '5.5', why: 'for Memory= in [Container], see podman-systemd.unit(5)' } },
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
    scope.network,
  ].map(({ manifest }) => manifest.requires);
  const why = { why: 'for the network' };
  expect(needs).toEqual([
    { systemd: { least: '249', why: 'for SocketBindDeny= in [Service], see systemd.resource-control(5)' } },
    {
      podman: { least: '4.4', why: 'for Quadlet' },
      systemd: { least: '230', why: 'for StartLimitIntervalSec= in [Unit], see systemd.unit(5)' },
    },
    expect.objectContaining({ 'systemd-nspawn': { why: 'for the machine' }, nft: why, ip: why }),
    expect.objectContaining({ nft: why, nf_tables: why, ipv6: why }),
  ]);
});

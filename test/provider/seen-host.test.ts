import { type HostState, planService } from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { hostAsSeen, type SeenHost, seenHost } from '../../lib/provider/seen-host';
import { asFound } from '../../lib/provider/service-state';
import { edit, hostWith, override, web } from '../engine/fixtures';

const UNIT = '/etc/systemd/system/web.service';
const ROOT = 'machine-root:/var/lib/machines/web';
const service: Manifest = {
  ...web,
  files: { ...web.files, '/srv/large': { asset: 'b'.repeat(64), mode: '0644', owner: 'root', group: 'root' } },
  objects: {
    [ROOT]: { spec: { image: 'a'.repeat(64) } },
    'podman-volume:data': { unit: 'web.service' },
  },
};
const changed: Manifest = {
  ...service,
  files: { ...service.files, [UNIT]: { content: '[Service]\nNice=5\n', mode: '0644', owner: 'root', group: 'root' } },
};

/** As Terraform keeps it between a refresh and a plan. */
const kept = (seen: SeenHost): SeenHost => JSON.parse(JSON.stringify(seen));
const steps = (host: HostState, desired: Manifest) =>
  planService(host, desired).steps.filter(({ verb }) => verb !== 'record');

test.each<[string, Parameters<typeof hostWith>[1]]>([
  ['is as it was applied', undefined],
  ['has another unit file', ({ files }) => edit(files, UNIT, { content: Buffer.from('[Service]\nUser=x\n') })],
  ['lacks a file', ({ files }) => void files.delete(UNIT)],
  ['has another large file', ({ files }) => edit(files, '/srv/large', { sha256: 'c'.repeat(64) })],
  ['has stopped the unit', ({ units }) => edit(units, 'web.service', { activeState: 'failed', result: 'oom-kill' })],
  ['has disabled the unit', ({ units }) => edit(units, 'web.service', { unitFileState: 'disabled' })],
  ['lacks the root', ({ objects }) => void objects.delete(ROOT)],
  ['lacks the volume', ({ objects }) => void objects.delete('podman-volume:data')],
  ['has a drop-in', ({ overrides }) => void overrides.push(override('/run/systemd/system/web.service.d/x.conf'))],
  ['has another link', ({ links }) => links.set('web.service', ['x.target.wants/web.service'])],
  ['was applied half', ({ records }) => edit(records, 'web', { applied: {} })],
  ['lacks the record', ({ records }) => void records.clear()],
])('a host that %s has the same plan from what is kept of it', (_, change) => {
  const host = hostWith([service], change);
  const seen = hostAsSeen(asFound(host, service), kept(seenHost(host, service)));
  for (const desired of [service, changed, { ...service, objects: {} }])
    expect(planService(seen, desired).steps).toEqual(planService(host, desired).steps);
});

test('nothing need be kept of a host that is as it was applied', () => {
  const seen = hostAsSeen(service, undefined);
  expect(steps(seen, service)).toEqual([]);
  expect(steps(seen, changed)).toEqual(steps(hostWith([service]), changed));
});

test('what is kept tells nothing of other services and no contents', () => {
  const other = { ...web, name: 'other', files: {}, units: {} };
  const host = hostWith(
    [service, other],
    ({ overrides }) => void overrides.push(override('/run/systemd/system/other.service.d/x.conf')),
  );
  const text = JSON.stringify(seenHost(host, service));
  expect(text).not.toContain('other');
  expect(text).not.toContain('[Service]');
});

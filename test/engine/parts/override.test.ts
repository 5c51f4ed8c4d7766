import { planService } from '../../../lib/engine';
import { parseOverrides } from '../../../lib/engine/parts/override';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, override, steps, web } from '../fixtures';

test.each([
  '/run/systemd/system/web.service',
  '/etc/systemd/system/multi-user.target.wants/web.service',
  '/etc/systemd/system/other.service.d/x.conf',
  '/etc/systemd/system/service.d/all.conf',
])('%s changes nothing of the service', (path) => {
  const state = hostWith([web], ({ overrides }) => overrides.push(...parseOverrides([{ path, target: '' }])));
  expect(planService(state, web).steps).toEqual([]);
});

test.each([
  ['/etc/containers/systemd/lan.network', '/etc/containers/systemd/lan.network.d/x.conf', '/etc/systemd/network'],
  ['/etc/systemd/network/lan.network', '/run/systemd/network/lan.network.d/x.conf', '/etc/containers/systemd'],
])("%s is changed by its own drop-in, and not by one of the other's", (path, dropIn, other) => {
  const file = { content: '', mode: '0644', owner: 'root', group: 'root' };
  const lan: Manifest = { ...web, files: { [path]: file }, units: {} };
  const state = hostWith([lan], ({ overrides }) =>
    overrides.push(override(dropIn), override(`${other}/lan.network.d/x.conf`), override(`${other}/lan.network`)),
  );
  expect(steps(planService(state, lan))).toEqual([`remove ${dropIn}: changes lan.network`]);
});

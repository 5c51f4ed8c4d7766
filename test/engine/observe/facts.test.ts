import { planService } from '../../../lib/engine';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, web } from '../fixtures';

test('a service of the host that does not run stands in the way', () => {
  const lan: Manifest = { ...web, requires: { 'systemd-networkd': { why: 'for it' } } };
  expect(planService(hostWith([]), lan).obstacles).toEqual([
    expect.objectContaining({
      problem: 'systemd-networkd is not running there',
      advice: 'systemctl enable --now systemd-networkd',
    }),
  ]);
});

test.each<[NonNullable<Manifest['requires']>, string | undefined]>([
  [{ podman: { why: 'for it' } }, undefined],
  [{ podman: { least: '5.3', why: 'for Pod=' } }, undefined],
  [{ podman: { least: '5.10', why: 'for Pod=' } }, 'podman is 5.4.2, expected 5.10 or newer for Pod='],
  [{ systemd: { least: '258', why: 'for RestartX=' } }, 'systemd is 257, expected 258 or newer for RestartX='],
  [{ 'systemd-nspawn': { why: 'for it' } }, 'systemd-nspawn is not installed there'],
])('what a host must have is looked at before anything is written: %j', (requires, problem) => {
  const obstacles = planService(hostWith([]), { ...web, requires }).obstacles.map((obstacle) => obstacle.problem);
  expect(obstacles).toEqual(problem === undefined ? [] : [problem]);
});

test('what is missing is named with its package', () => {
  const plan = planService(hostWith([]), { ...web, requires: { 'systemd-nspawn': { why: 'for it' } } });
  expect(plan.obstacles[0]?.advice).toBe('apt-get install systemd-container');
});

import { renderHistory } from '../../lib/cli/history-command';

const painter = { style: (_: unknown, text: string) => text };
const about = { stack: 'shop', path: 'shop/host', address: 'ssh://web1' };
const applied = '2026-01-01T12:00:00.000Z';
const now = Date.parse(applied) + 90_000;

test('each version has a line: when it was applied, whether it runs, and what it changed', () => {
  const changes = ['~ /etc/a', '+ podman-image:b', '- podman-image:a', '~ /etc/b', '~ /etc/c'];
  const versions = [
    { number: 2, applied, current: true, changes },
    { number: 1, applied, current: false, changes: [] },
  ];
  const services = [
    { name: 'web', path: 'shop/host/web', versions },
    { name: 'new', path: 'shop/host/new', versions: [] },
  ];
  expect(renderHistory({ ...about, services }, painter, now)).toEqual([
    'shop on ssh://web1',
    '  NAME  VERSION  APPLIED                             CHANGES',
    '  web   2        1 min 30 s ago  runs                ~ /etc/a, + podman-image:b, - podman-image:a, 2 more',
    '        1        1 min 30 s ago  kept',
    '  new   -                        is not on the host',
  ]);
});

test('a host that does not answer says so', () => {
  const error = { message: 'Cannot connect', advice: 'try again' };
  expect(renderHistory({ ...about, services: [], error }, painter, now)).toEqual([
    'shop on ssh://web1',
    '  Cannot connect',
    '    do: try again',
  ]);
});

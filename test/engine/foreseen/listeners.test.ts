import { type HostState, planService } from '../../../lib/engine';
import { parseListeners, portsClaimed } from '../../../lib/engine/foreseen/listeners';
import type { Manifest } from '../../../lib/manifest';
import { edit, hostWith, web } from '../fixtures';

const publishing = (claim: string, more: Partial<Manifest> = {}): Manifest => ({ ...web, ...more, claims: [claim] });
const listening = (state: HostState, ...lines: string[]): HostState => ({
  ...state,
  listeners: parseListeners(lines.join('\n')),
});
const problems = (state: HostState, manifest: Manifest) =>
  planService(state, manifest).obstacles.map(({ problem }) => problem);

const foreign = 'tcp\t0.0.0.0:8080\tnginx\t42\t/system.slice/nginx.service';

test('a port on which something else listens is refused with both names', () => {
  expect(planService(listening(hostWith([]), foreign), publishing('tcp *:8080')).obstacles).toEqual([
    {
      at: ['claims'],
      action: 'publish tcp *:8080 of web',
      problem: 'nginx (process 42) of nginx.service listens on tcp 0.0.0.0:8080',
      advice: 'stop it, or give web another port',
    },
  ]);
});

test.each([
  ['tcp 127.0.0.1:8080', foreign, 1],
  ['tcp [::1]:8080', foreign, 0],
  ['udp 0.0.0.0:8080', foreign, 0],
  ['tcp 0.0.0.0:8081', foreign, 0],
  ['tcp 0.0.0.0:8080', 'tcp\t*:8080\tjava\t7\t/user.slice/user-0.slice/session-3.scope', 1],
  ['tcp 0.0.0.0:8080', 'tcp\t[::]:8080\tjava\t7\t/system.slice/x.service', 0],
  ['tcp 127.0.0.1:8080', 'tcp\t[::ffff:127.0.0.1]:8080\tjava\t7\t/system.slice/x.service', 1],
  ['udp 0.0.0.0:53', 'udp\t127.0.0.53%lo:53\tresolved\t9\t/system.slice/systemd-resolved.service', 1],
  ['tcp 0.0.0.0:8080', 'tcp\t0.0.0.0:8080\t\t\t', 1],
  ['tcp 0.0.0.0:8080', 'tcp\t0.0.0.0:8080\tsystemd\t1\t/theirs.socket', 1],
])('%s beside %j', (claim, line, count) => {
  expect(problems(listening(hostWith([]), line), publishing(claim))).toHaveLength(count);
});

test('a port that a service of another stack has is refused with both names, also if nothing listens on it', () => {
  const theirs = publishing('tcp 127.0.0.1:8080', {
    name: 'blog',
    stack: 'blog',
    path: 'blog/host/blog',
    files: {},
    units: { 'blog.service': { state: 'active', restartOn: [] } },
  });
  expect(planService(hostWith([theirs]), publishing('tcp *:8080')).obstacles).toEqual([
    {
      at: ['claims'],
      action: 'publish tcp *:8080 of web',
      problem: 'the service "blog" of stack "blog" has it (blog/host/blog)',
      advice: 'give one of the two another port, or destroy the other first',
    },
  ]);
  expect(problems(hostWith([theirs]), publishing('tcp *:8081'))).toEqual([]);
});

describe('what is ours is never refused', () => {
  const before = publishing('tcp *:8080');
  const changed = {
    ...before,
    units: { 'web.service': { ...before.units['web.service'], restartOn: [], triggers: { a: 'b' } } },
  } as Manifest;
  const ofWeb = (program: string, group: string) => `tcp\t0.0.0.0:8080\t${program}\t42\t${group}`;

  test.each([
    ['its own unit', ofWeb('node', '/system.slice/web.service')],
    ['a part of its unit', ofWeb('conmon', '/system.slice/web.service/supervisor')],
    ['an engine that listens for it', ofWeb('proxy', '/system.slice/docker.service')],
    ['a container of it', ofWeb('conmon', '/machine.slice/libpod-conmon-1f.scope')],
    ['a user’s own systemd', ofWeb('rootlessport', '/user.slice/user-1001.slice/user@1001.service/app.slice/a.scope')],
    ['a process in no unit', ofWeb('node', '/')],
  ])('%s, when it restarts', (_, line) => {
    expect(planService(listening(hostWith([before]), line), changed).steps).toContainEqual(
      expect.objectContaining({ verb: 'restart' }),
    );
    expect(problems(listening(hostWith([before]), line), changed)).toEqual([]);
  });

  test('another service of the stack, which may be leaving in the same deploy', () => {
    const other = publishing('tcp 0.0.0.0:8080', {
      name: 'old',
      path: 'shop/host/old',
      files: {},
      units: { 'old.service': { state: 'active', restartOn: [] } },
    });
    const line = ofWeb('node', '/system.slice/old.service');
    expect(problems(listening(hostWith([other]), line), before)).toEqual([]);
  });

  test('but a port of a service that stopped is, when something else has taken it', () => {
    const state = hostWith([before], ({ units }) => edit(units, 'web.service', { activeState: 'inactive' }));
    expect(problems(listening(state, foreign), before)).toHaveLength(1);
    expect(problems(listening(hostWith([before]), foreign), before)).toEqual([]);
  });

  test('what is taken over', () => {
    const line = ofWeb('proxy', '/system.slice/docker.service');
    expect(problems(listening(hostWith([]), line), publishing('tcp *:8080'))).toHaveLength(1);
    expect(problems(listening(hostWith([]), line), publishing('tcp *:8080', { adopt: true }))).toEqual([]);
  });

  test('a socket that systemd holds together with its service', () => {
    const lines = [ofWeb('systemd', '/theirs.socket'), ofWeb('node', '/system.slice/web.service')];
    expect(problems(listening(hostWith([]), ...lines), before)).toEqual([]);
  });
});

test('only ports are looked for', () => {
  const claims = ['tcp *:8080', 'udp [::1]:53', 'interface br0', 'subnet 10.0.0.0/8', 'tcp 0.0.0.0:${port}'];
  expect(portsClaimed({ ...web, claims })).toEqual(['8080', '53']);
});

import {
  ConfigDirectory,
  ConfigFile,
  type Host,
  Image,
  IncusInstance,
  NspawnMachine,
  type OnChange,
  PodmanService,
  raw,
  SystemdService,
  SystemdTimer,
} from 'bulkhead';
import { host, problemsOf } from '../testing';

const command = ['/usr/sbin/nginx'];
const conf = (scope: Host) => new ConfigFile(scope, 'conf', { path: '/etc/app.conf', content: 'a' });
const reloading = { Service: { ExecReload: ['/usr/bin/kill', '-HUP', raw('$MAINPID')] } };
const web = (scope: Host, onChange: OnChange | undefined, directives = {}) =>
  new SystemdService(scope, 'web', {
    command,
    volumes: [{ source: conf(scope), target: '/etc/app.conf', ...(onChange && { onChange }) }],
    directives,
  });

test.each<[OnChange | undefined, string | undefined, boolean | undefined]>([
  [undefined, 'triggers', undefined],
  ['restart', 'triggers', undefined],
  ['reload', 'reloads', true],
  ['none', undefined, true],
])('a file with onChange %p is in %p of the unit', (onChange, where, inPlace) => {
  const scope = host();
  const { manifest } = web(scope, onChange, reloading);
  const { triggers, reloads } = manifest.units['web.service'] ?? {};
  const found = Object.entries({ triggers, reloads }).flatMap(([key, value]) =>
    value?.['/etc/app.conf'] ? [key] : [],
  );
  expect(found).toEqual(where ? [where] : []);
  const [file] = scope.services.filter(({ serviceName }) => serviceName === 'conf');
  expect(file?.manifest.files['/etc/app.conf']?.inPlace).toBe(inPlace);
  expect(problemsOf(scope)).toEqual([]);
});

test('a file that is mounted twice does the more of the two', () => {
  const scope = host();
  const source = conf(scope);
  const volumes = (['none', 'reload'] as const).map((onChange, index) => ({ source, target: `/${index}`, onChange }));
  const service = new PodmanService(scope, 'web', {
    image: 'docker.io/library/nginx:1',
    volumes,
    directives: { Service: { ExecReload: ['podman', 'kill', '--signal', 'HUP', 'web'] } },
  });
  expect(service.manifest.units['web.service']).toMatchObject({ reloads: { '/etc/app.conf': expect.any(String) } });
});

test('a machine that is booted from an image does not start anew for its static site', () => {
  const scope = host();
  const site = new ConfigDirectory(scope, 'site', { path: '/srv/www', source: __dirname });
  const machine = new NspawnMachine(scope, 'web', {
    root: '/var/lib/machines/web',
    volumes: [{ source: site, target: '/var/www', onChange: 'none' }],
  });
  expect(machine.manifest.units['web.service']?.triggers).toBeUndefined();
  expect(machine.manifest.after).toContain('site');
});

describe('what can not be reloaded is said, with what can', () => {
  test.each<[string, (scope: Host) => unknown, string]>([
    ['no directive', (scope) => web(scope, 'reload'), 'no directive says how to reload it'],
    [
      'a job',
      (scope) =>
        new SystemdService(scope, 'web', {
          command,
          oneshot: true,
          volumes: [{ source: conf(scope), target: '/a', onChange: 'reload' }],
          directives: reloading,
        }),
      'nothing reloads it',
    ],
    [
      'a timer',
      (scope) =>
        new SystemdTimer(scope, 'web', {
          command,
          onCalendar: 'daily',
          volumes: [{ source: conf(scope), target: '/a', onChange: 'reload' }],
          directives: reloading,
        }),
      'nothing reloads it',
    ],
    [
      'an instance',
      (scope) =>
        new IncusInstance(scope, 'web', {
          image: Image.oci('docker.io/library/nginx:1'),
          command,
          volumes: [{ source: conf(scope), target: '/a', onChange: 'reload' }],
        }),
      'nothing reloads it',
    ],
  ])('%s', (_, make, problem) => {
    const scope = host();
    make(scope);
    const [first = '', ...others] = problemsOf(scope);
    expect(first).toMatch(
      new RegExp(
        `^Cannot set onChange to "reload": ${problem}, expected "restart" or "none", or ExecReload in .* SystemdService, .* \\(at shop/host/web\\.volumes\\[0\\]\\.onChange\\)$`,
      ),
    );
    expect(others).toEqual([]);
  });

  test.each([
    [{ source: '/srv/a', target: '/a', onChange: 'none' }, 'Bulkhead does not see when the content changes'],
    [{ source: '/srv/a', target: '/a', onChange: 'stop' }, 'is unknown'],
  ])('%j', (volume, problem) => {
    expect(() => new SystemdService(host(), 'web', { command, volumes: [volume as never] })).toThrow(problem);
  });
});

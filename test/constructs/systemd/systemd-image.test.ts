import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Image, SystemdService, type SystemdServiceProps, SystemdTimer } from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, section, temporaryDirectory, textOf } from '../testing';

const PATH = '/etc/systemd/system/web.service';
const archive = (config: object = {}) => {
  const path = join(temporaryDirectory(), 'image.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
};
const make = (props: SystemdServiceProps, scope = host()) => new SystemdService(scope, 'web', props);
const serviceOf = (props: SystemdServiceProps) => section(textOf(make(props), PATH), 'Service');

const APP = {
  Entrypoint: ['./serve'],
  Cmd: ['--port', '80'],
  Env: ['PATH=/app/bin:/bin', 'LEVEL=info'],
  WorkingDir: '/app',
  StopSignal: 'SIGQUIT',
  User: 'app',
};

test('an image brings what it runs, and where and how', () => {
  const lines = serviceOf({ image: archive(APP), environment: { LEVEL: 'debug' } });
  expect(lines).toEqual(
    expect.arrayContaining([
      'ExecStart=/app/serve --port 80',
      'Environment=PATH=/app/bin:/bin',
      'Environment=LEVEL=debug',
      'ExecSearchPath=/app/bin',
      'ExecSearchPath=/bin',
      'WorkingDirectory=/app',
      'KillSignal=SIGQUIT',
      'SuccessExitStatus=143 SIGQUIT',
      'MountAPIVFS=yes',
      'BindReadOnlyPaths=-/etc/resolv.conf:/etc/resolv.conf',
      'BindReadOnlyPaths=-/etc/hosts:/etc/hosts',
    ]),
  );
});

test('a program in an image is in the sandbox of any service, with a user of its own', () => {
  const plain = serviceOf({ command: ['/bin/x'] });
  const lines = serviceOf({ image: archive(APP), command: ['/bin/x'] });
  expect(plain.filter((line) => !lines.includes(line))).toEqual(['ProtectHome=yes']);
  expect(lines).toContain('DynamicUser=yes');
  expect(lines.filter((line) => line.startsWith('User='))).toEqual([]);
});

test('args come to the ENTRYPOINT in the place of the CMD, and a command in the place of both', () => {
  const image = archive(APP);
  expect(serviceOf({ image, args: ['x'] })).toContain('ExecStart=/app/serve x');
  expect(serviceOf({ image, command: ['sh'], args: ['x'] })).toContain('ExecStart=sh x');
});

test('what props and directives say goes before the image', () => {
  const lines = serviceOf({
    image: archive(APP),
    workingDirectory: '/srv',
    user: '1000',
    directives: { Service: { KillSignal: 'SIGINT' } },
    volumes: [{ source: '/srv/hosts', target: '/etc/hosts', readOnly: true }],
  });
  expect(lines).toEqual(expect.arrayContaining(['WorkingDirectory=/srv', 'User=1000', 'KillSignal=SIGINT']));
  expect(lines.filter((line) => line.startsWith('BindReadOnlyPaths'))).toEqual([
    'BindReadOnlyPaths=/srv/hosts:/etc/hosts',
    'BindReadOnlyPaths=-/etc/resolv.conf:/etc/resolv.conf',
  ]);
});

test('its unit restarts with its root, which others share that mount on the same paths', () => {
  const image = archive(APP);
  const scope = host();
  const keyOf = (id: string, props: Partial<SystemdServiceProps>) => {
    const { units, objects } = new SystemdService(scope, id, { image, ...props }).manifest;
    const [key = ''] = Object.keys(objects);
    expect(units[`${id}.service`]?.restartOn).toContain(key);
    expect(units[`${id}.service`]?.mountPoints).toBeUndefined();
    return key;
  };
  const keys = [
    keyOf('one', {}),
    keyOf('two', {}),
    keyOf('data', { volumes: ['/srv/a:/data'] }),
    keyOf('other', { volumes: ['/srv/b:/data'] }),
    keyOf('state', { stateDirectory: 'state' }),
    keyOf('cache', { cacheDirectory: 'state', runtimeDirectory: 'state' }),
    keyOf('logs', { logsDirectory: 'state' }),
    keyOf('run', { runtimeDirectory: 'state' }),
  ];
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).toBe(keys[3]);
  expect(keys[7]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(5);
  expect(scope.node.validate()).toEqual([]);
});

test('a timer runs in an image as well', () => {
  const timer = new SystemdTimer(host(), 'web', { image: archive(APP), onCalendar: 'daily' });
  expect(section(textOf(timer, PATH), 'Service')).toContain('ExecStart=/app/serve --port 80');
  expect(Object.keys(timer.manifest.objects)).toHaveLength(1);
  expect(timer.assets).toHaveLength(1);
});

test('a tar archive needs a command, and nothing runs in both an image and a root', () => {
  const path = join(temporaryDirectory(), 'root.tar');
  writeFileSync(path, '');
  expect(serviceOf({ image: Image.tar(path), command: ['/bin/x'] })).toContain('ExecStart=/bin/x');
  expect(() => make({ image: Image.tar(path) })).toThrow(/^Cannot run .*\(at shop\/host\/web\.command\)$/);
  expect(() => make({})).toThrow(/\(at shop\/host\/web\.command\)$/);
  expect(() => make({ image: archive(APP), root: '/srv' })).toThrow(/image.*root/s);
  expect(() => make({ image: 'caddy:2' as never })).toThrow('Cannot run image "caddy:2": is not an Image');
});

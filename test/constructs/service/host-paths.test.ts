import {
  ConfigFile,
  Directory,
  Host,
  Image,
  NspawnMachine,
  OciService,
  PodmanService,
  type Service,
  SystemdMount,
  SystemdPath,
  SystemdService,
  SystemdSocket,
  SystemdTimer,
  User,
  type VolumeProp,
} from 'bulkhead';
import type { App } from 'cdktf';
import { host, stack } from '../testing';

const image = 'docker.io/library/caddy:2';
const command = ['/usr/bin/sleep', 'infinity'];
const ofSystemd = (scope: Host, props: object = {}) => new SystemdService(scope, 'web', { command, ...props });
const ofPodman = (scope: Host, props: object = {}) => new PodmanService(scope, 'web', { image, ...props });
const pathsOf = ({ manifest }: Service) => ({
  needs: manifest.needs ?? {},
  directories: Object.fromEntries(
    Object.entries(manifest.objects).flatMap(([key, { spec }]) => (key.startsWith('directory:') ? [[key, spec]] : [])),
  ),
});
const SLEEP = { 'program /usr/bin/sleep': 'command' };
const asItIs = (more: object) => ({ mode: '0755', existing: 'as it is', ...more });

describe('a directory of volumes is made', () => {
  test.each<[string, (scope: Host) => Service, object]>([
    ['of root', (scope) => ofPodman(scope, { volumes: ['/srv/db:/data'] }), { owner: 'root', group: 'root' }],
    [
      'of the numbers of a container’s user',
      (scope) => ofPodman(scope, { volumes: ['/srv/db:/data'], user: '70:71' }),
      { owner: '70', group: '71' },
    ],
    [
      'of root, where the user is a name of the image',
      (scope) => ofPodman(scope, { volumes: ['/srv/db:/data'], user: 'postgres' }),
      { owner: 'root', group: 'root' },
    ],
    [
      'of a user without root',
      (scope) => ofPodman(scope, { volumes: ['/srv/db:/data'], rootless: new User(scope, 'shop') }),
      { owner: 'shop' },
    ],
    [
      'of the user of a program',
      (scope) => ofSystemd(scope, { volumes: ['/srv/db:/data'], user: 'shop' }),
      { owner: 'shop' },
    ],
    [
      'of root, for a program that runs as root',
      (scope) => ofSystemd(scope, { volumes: ['/srv/db:/data'], directives: { Service: { DynamicUser: false } } }),
      { owner: 'root', group: 'root' },
    ],
    [
      'of root, which a made-up user reads',
      (scope) => ofSystemd(scope, { volumes: ['/srv/db:/data:ro'] }),
      { owner: 'root', group: 'root' },
    ],
    [
      'of root, for a machine',
      (scope) => new NspawnMachine(scope, 'web', { root: '/var/lib/machines/web', volumes: ['/srv/db:/data'] }),
      { owner: 'root', group: 'root' },
    ],
  ])('%s', (_, make, owner) => {
    const { directories, needs } = pathsOf(make(host()));
    expect(directories).toEqual({ 'directory:/srv/db': asItIs(owner) });
    expect(Object.keys(needs).filter((need) => need.startsWith('path '))).toEqual([]);
  });
});

test.each(['/srv/app.conf', '/etc/.env', '/dev/dri', '/run/app/app', '/tmp/x'])('%s must be there', (source) => {
  const volumes = ['/srv/db:/data', `${source}:/x`] as VolumeProp[];
  expect(pathsOf(ofPodman(host(), { volumes })).needs).toEqual({ [`path ${source}`]: 'volumes[1]' });
});

test('what a made-up user is to write to must be there', () => {
  const { needs, directories } = pathsOf(ofSystemd(host(), { volumes: ['/srv/db:/data'] }));
  expect(needs).toEqual({ ...SLEEP, 'path /srv/db': 'volumes[0]' });
  expect(directories).toEqual({});
});

test('what does not stay may be made by services that come first', () => {
  const scope = host();
  const first = new SystemdService(scope, 'first', { command });
  const service = ofPodman(scope, { volumes: ['/run/first/socket:/socket', '/srv/a.conf:/a'], dependsOn: [first] });
  expect(pathsOf(service).needs).toEqual({ 'path /srv/a.conf': 'volumes[1]' });
});

test('what does not stay need not be there for what another unit starts', () => {
  const volumes: VolumeProp[] = ['/run/in:/run/in', '/srv/a.conf:/a'];
  const started = ofPodman(host(), { volumes });
  const timer = new SystemdTimer(started.host, 'timer', { onCalendar: 'daily', service: started });
  const path = new SystemdPath(host(), 'in', { exists: '/run/in/file', command, user: 'root', volumes });
  for (const service of [started, path]) expect(Object.keys(pathsOf(service).needs)).toContain('path /srv/a.conf');
  for (const service of [started, timer, path])
    expect(Object.keys(pathsOf(service).needs)).not.toContain('path /run/in');
});

test('environment files, programs, users and groups are looked for', () => {
  const directives = { Service: { Group: 'www', SupplementaryGroups: ['adm', 'root'] } };
  const environmentFiles = ['/etc/web.env', new ConfigFile(host(), 'env', { path: '/etc/a.env', content: '' })];
  expect(
    pathsOf(ofSystemd(host(), { command: ['node', 'x'], user: 'shop', environmentFiles, directives })).needs,
  ).toEqual({
    'program node': 'command',
    'path /etc/web.env': 'environmentFiles[0]',
    'user shop': 'user',
    'group www': 'directives.Service.Group',
    'group adm': 'directives.Service.SupplementaryGroups',
  });
  expect(pathsOf(ofSystemd(host(), { user: 'shop', group: 'www', groups: ['adm', '4'] })).needs).toEqual({
    ...SLEEP,
    'user shop': 'user',
    'group www': 'group',
    'group adm': 'groups',
  });
  expect(pathsOf(new SystemdTimer(host(), 'web', { command, onCalendar: 'daily' })).needs).toEqual(SLEEP);
});

test('a directory that is made for a service belongs to its group', () => {
  const volumes: VolumeProp[] = ['/srv/shop:/srv/shop'];
  const service = ofSystemd(host(), { user: 'shop', group: 'www', volumes });
  expect(pathsOf(service).directories).toEqual({
    'directory:/srv/shop': { owner: 'shop', group: 'www', mode: '0755', existing: 'as it is' },
  });
});

test.each<[string, object, object]>([
  ['in an image', { image: Image.oci(image) }, {}],
  ['in a root of its own', { root: '/srv/root' }, {}],
  [
    'in a directory of the host that it mounts',
    { command: ['/app/bin/run'], volumes: ['/srv/app:/app:ro'] },
    { 'program /srv/app/bin/run': 'command' },
  ],
  ['of a user by number', { user: '1000' }, SLEEP],
])('a program %s', (_, props, needs) => {
  expect(pathsOf(ofSystemd(host(), props)).needs).toEqual(needs);
});

describe('what the same deploy makes is not missing', () => {
  const volumes: VolumeProp[] = ['/srv/app/app.conf:/app.conf'];
  const needed = (more: (scope: Host) => unknown) => {
    const scope = host();
    const service = ofPodman(scope, { volumes });
    more(scope);
    return pathsOf(service).needs;
  };

  test.each<[string, (scope: Host) => unknown]>([
    ['a file', (scope) => new ConfigFile(scope, 'conf', { path: '/srv/app/app.conf', content: '' })],
    ['a directory that is declared', (scope) => new Directory(scope, 'data', { path: '/srv/app' })],
    ['a directory of another service', (scope) => new PodmanService(scope, 'job', { image, volumes: ['/srv/app:/a'] })],
    ['a mount', (scope) => new SystemdMount(scope, 'disk', { what: '/dev/vdb', where: '/srv/app', type: 'ext4' })],
    ['a socket', (scope) => new SystemdSocket(scope, 'wait', { command, paths: ['/srv/app/app.conf'] })],
    [
      'a service of another stack on that host',
      (scope) => {
        const other = new Host(stack('other', scope.node.root as App), 'host', { address: 'local' });
        new ConfigFile(other, 'conf', { path: '/srv/app/app.conf', content: '' });
      },
    ],
  ])('%s', (_, more) => {
    expect(needed(() => {})).toEqual({ 'path /srv/app/app.conf': 'volumes[0]' });
    expect(needed(more)).toEqual({});
  });

  test('a program, a user and the directory of its state', () => {
    const scope = host();
    const service = ofSystemd(scope, {
      command: ['/var/lib/shop/bin/run'],
      user: 'shop',
      stateDirectory: 'shop',
      volumes: ['/var/lib/shop/data:/data'],
    });
    new User(scope, 'shop');
    expect(pathsOf(service)).toEqual({ needs: {}, directories: {} });
  });

  test('but its own directory does not bring a file', () => {
    const service = ofPodman(host(), { volumes: ['/srv/app:/a', '/srv/app/app.conf:/b'] });
    expect(pathsOf(service).needs).toEqual({ 'path /srv/app/app.conf': 'volumes[1]' });
  });

  test('a directory that is declared is made by its own construct alone', () => {
    const scope = host();
    const data = new Directory(scope, 'data', { path: '/srv/db', owner: '70', mode: '750' });
    const mounts = new OciService(scope, 'api', {
      image: Image.oci(image),
      command,
      volumes: [{ source: data, target: '/data' }],
    });
    expect(pathsOf(ofPodman(scope, { volumes: ['/srv/db:/data'] })).directories).toEqual({});
    expect(pathsOf(mounts).directories).toEqual({});
    expect(mounts.manifest.after).toContain('data');
    expect(pathsOf(data).directories).toEqual({ 'directory:/srv/db': { owner: '70', group: '70', mode: '0750' } });
  });
});

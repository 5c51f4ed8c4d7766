import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Host,
  PodmanBuild,
  PodmanImage,
  PodmanKube,
  PodmanNetwork,
  PodmanPod,
  PodmanService,
  type PodmanServiceProps,
  PodmanVolume,
  type Service,
  SystemdService,
  SystemdSlice,
  User,
} from 'bulkhead';
import { host, problemsOf, section, stack, temporaryDirectory, textOf } from '../testing';

const QUADLETS = '/home/shop/.config/containers/systemd';
const image = 'registry.example/web:1';

function make(props: Partial<PodmanServiceProps> = {}, scope = host(), rootless = new User(scope, 'shop')) {
  return new PodmanService(scope, 'web', { rootless, image, ...props });
}

function context(): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'Containerfile'), 'FROM scratch\n');
  return directory;
}

test('a rootless service is a Quadlet file of its user, started at boot by the systemd of that user', () => {
  const service = make();
  const path = `${QUADLETS}/web.container`;
  expect(service.manifest).toMatchObject({ user: 'shop', units: { 'web.service': { restartOn: [path] } } });
  expect(service.manifest.files[path]).toMatchObject({ mode: '0644', owner: 'shop', group: 'shop' });
  expect(section(textOf(service, path), 'Install')).toEqual(['WantedBy=default.target']);
});

test.each<[string, (host: Host, rootless: User) => Service, string]>([
  ['network', (host, rootless) => new PodmanNetwork(host, 'it', { rootless }), 'it.network'],
  ['volume', (host, rootless) => new PodmanVolume(host, 'it', { rootless }), 'it.volume'],
  ['pod', (host, rootless) => new PodmanPod(host, 'it', { rootless }), 'it.pod'],
  ['image', (host, rootless) => new PodmanImage(host, 'it', { rootless, image }), 'it.image'],
  ['build', (host, rootless) => new PodmanBuild(host, 'it', { rootless, context: context() }), 'it.build'],
  ['kube', (host, rootless) => new PodmanKube(host, 'it', { rootless, yaml: {} }), 'it.kube'],
])('a rootless %s is one, too, and comes after its user', (_, make, file) => {
  const scope = host();
  const user = new User(scope, 'shop');
  const service = make(scope, user);
  expect(service.manifest).toMatchObject({ user: 'shop', files: { [`${QUADLETS}/${file}`]: { owner: 'shop' } } });
  expect(section(textOf(service, `${QUADLETS}/${file}`), 'Install')).toEqual(['WantedBy=default.target']);
  expect(service.dependencies).toContain(user);
});

test('systemd orders services of one user, and knows none of others', () => {
  const scope = host();
  const rootless = new User(scope, 'shop');
  const db = new PodmanService(scope, 'db', { rootless, image });
  const api = new SystemdService(scope, 'api', { command: ['/bin/api'] });
  const web = make({ dependsOn: [db, api] }, scope, rootless);
  const unit = section(textOf(web, `${QUADLETS}/web.container`), 'Unit');
  const units = 'shop-podman.service db.service';
  expect(unit).toEqual(['Description=web', 'StartLimitIntervalSec=0', `After=${units}`, `Wants=${units}`]);
});

test.each<[string, 'one' | 'two', number]>([
  ['of two users may', 'two', 0],
  ['of one user may not', 'one', 1],
])('units %s have the same name', (_, other, problems) => {
  const scope = host();
  const users = { one: new User(scope, 'one'), two: new User(scope, 'two') };
  new PodmanNetwork(scope, 'net', { rootless: users.one });
  new PodmanService(scope, 'net-network', { rootless: users[other], image });
  expect(problemsOf(scope)).toHaveLength(problems);
});

test.each<[Partial<PodmanServiceProps>, unknown]>([
  [{}, { least: '2', why: expect.stringMatching(/^for containers without root/) }],
  [{ directives: { Container: { CgroupsMode: 'disabled' } } }, undefined],
  [
    { memory: '1G', directives: { Container: { CgroupsMode: 'disabled' } } },
    { least: '2', why: 'for limits without root' },
  ],
])('%j needs of the control groups what it uses', (props, expected) => {
  const { cgroup } = make(props).manifest.requires ?? {};
  expect(cgroup).toEqual(expected);
});

test('what looks at the network of a container does it out of the user namespace', () => {
  const text = textOf(make({ health: { tcp: 80 } }), `${QUADLETS}/web.container`);
  expect(text).toContain('podman unshare nsenter --net');
});

test.each<[string, (host: Host, shop: User) => unknown, string]>([
  [
    'a network of root',
    (host, shop) => make({ networks: [new PodmanNetwork(host, 'net')] }, host, shop),
    'Cannot use "shop/host/net": belongs to root, expected a construct that belongs to the user shop/host/shop, since each user has their own podman (at shop/host/web.networks[0])',
  ],
  [
    'a volume of another user',
    (host, shop) => {
      const source = new PodmanVolume(host, 'data', { rootless: new User(host, 'other') });
      return make({ volumes: [{ source, target: '/data' }] }, host, shop);
    },
    'belongs to the user shop/host/other, expected a construct that belongs to the user shop/host/shop',
  ],
  [
    'a pod of a user for a service of root',
    (host, rootless) => {
      const pod = new PodmanPod(host, 'pod', { rootless });
      return new PodmanService(host, 'web', { image, pod });
    },
    'belongs to the user shop/host/shop, expected a construct that belongs to root',
  ],
  [
    'a slice',
    (host, shop) => make({ slice: new SystemdSlice(host, 'batch') }, host, shop),
    'Cannot use as slice "shop/host/batch": belongs to the system, expected no slice, since the service is rootless',
  ],
  [
    'a name instead of a user',
    (host, shop) => make({ rootless: 'shop' as never }, host, shop),
    `Cannot run as "shop": is not a User, expected a User such as new User(host, 'shop') (at shop/host/web.rootless)`,
  ],
  [
    'a user of another host',
    (host, shop) => {
      const other = new Host(stack('other'), 'host', { address: 'ssh://root@192.0.2.1' });
      return make({ rootless: new User(other, 'there') }, host, shop);
    },
    'Cannot run as "other/host/there": is on other/host, expected a User on shop/host (at shop/host/web.rootless)',
  ],
])('%s is refused', (_, build, message) => {
  const scope = host();
  expect(() => build(scope, new User(scope, 'shop'))).toThrow(message);
});

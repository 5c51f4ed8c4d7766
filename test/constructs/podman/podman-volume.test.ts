import { NspawnMachine, PodmanService, PodmanVolume, type PodmanVolumeProps, raw, SystemdService } from 'bulkhead';
import { host, section, textOf } from '../testing';

const PATH = '/etc/containers/systemd/data.volume';
const make = (props: PodmanVolumeProps = {}, scope = host()) => new PodmanVolume(scope, 'data', props);

test('a volume has the name of the service in podman, too', () => {
  expect(textOf(make(), PATH)).toBe(`[Unit]
Description=volume data

[Volume]
VolumeName=data

[Install]
WantedBy=multi-user.target
`);
});

test('data stays on the host unless the removal policy says otherwise', () => {
  const unit = 'data-volume.service';
  expect(make().manifest).toMatchObject({
    objects: { 'podman-volume:data': { unit, retain: true } },
    units: { [unit]: {} },
  });
  const spec = { driver: 'local', device: '', type: '', options: '' };
  expect(make({ removalPolicy: 'destroy' }).manifest.objects).toEqual({ 'podman-volume:data': { unit, spec } });
});

test.each<[PodmanVolumeProps, object | undefined]>([
  [
    { device: '/srv/big', type: 'none', options: 'ro,bind', user: 5, directives: { Volume: { Group: 'root' } } },
    { driver: 'local', device: '/srv/big', type: 'none', options: 'bind,ro', user: '5', group: '0' },
  ],
  [{ directives: { Volume: { Label: { b: '1', a: '2' } } } }, { labels: 'b=1\na=2' }],
  [{ directives: { Volume: { Label: raw('b=1') } } }, { driver: 'local' }],
  [{ directives: { Volume: { Driver: 'image', Image: 'localhost/x:1' } } }, undefined],
  [{ directives: { Volume: { PodmanArgs: '--driver=x' } } }, undefined],
])('what %j makes is compared with what is there', (props, spec) => {
  const part = make(props).manifest.objects['podman-volume:data'];
  if (spec) expect(part).toMatchObject({ spec });
  else expect(part).not.toHaveProperty('spec');
});

test.each<[PodmanVolumeProps, string[]]>([
  [{ user: 999, group: 999 }, ['User=999', 'Group=999']],
  [
    { device: '192.0.2.1:/srv', type: 'nfs', options: 'ro,nolock' },
    ['Device=192.0.2.1:/srv', 'Type=nfs', 'Options=ro,nolock'],
  ],
  [{ directives: { Volume: { Copy: false } } }, ['Copy=false']],
])('%j becomes %j', (props, lines) => {
  expect(section(textOf(make(props), PATH), 'Volume')).toEqual(expect.arrayContaining(lines));
});

test.each<[PodmanVolumeProps, string]>([
  [
    { removalPolicy: 'snapshot' as never },
    'Cannot set removalPolicy to "snapshot": is not a removal policy, expected "retain" or "destroy" (at shop/host/data.removalPolicy)',
  ],
  [
    { type: 'nfs' },
    'Cannot set type to "nfs": device is not set, expected device beside it (at shop/host/data.device)',
  ],
  [{ user: 1, directives: { Volume: { User: 2 } } }, 'already set by user'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('a container mounts it by the name of its file, by which Quadlet orders the two', () => {
  const scope = host();
  const data = make({}, scope);
  const web = new PodmanService(scope, 'web', {
    image: 'docker.io/library/caddy:2',
    volumes: [
      { source: data, target: '/data' },
      { source: data, target: '/seen', readOnly: true },
    ],
  });
  const text = textOf(web, '/etc/containers/systemd/web.container');
  expect(section(text, 'Container')).toEqual(
    expect.arrayContaining(['Volume=data.volume:/data', 'Volume=data.volume:/seen:ro']),
  );
  expect(section(text, 'Unit')).toEqual(['Description=web', 'StartLimitIntervalSec=0']);
  expect(web.dependencies).toEqual([data]);
  expect(web.manifest.units['web.service']?.triggers).toHaveProperty(['data.volume']);
});

test('other runtimes refuse it and say which takes it', () => {
  const scope = host();
  const volumes = [{ source: make({}, scope), target: '/data' }];
  const message =
    'Cannot mount "shop/host/data": is a volume of podman, expected a path or a ConfigFile; only PodmanService can mount it (at shop/host/x.volumes[0])';
  expect(() => new SystemdService(scope, 'x', { command: ['/bin/true'], volumes })).toThrow(message);
  expect(() => new NspawnMachine(host(), 'x', { root: '/srv', volumes })).toThrow(message);
});

test('a volume of another host is refused', () => {
  const volumes = [{ source: make(), target: '/data' }];
  const scope = host({ address: 'ssh://db.example' });
  expect(() => new PodmanService(scope, 'web', { image: 'docker.io/library/caddy:2', volumes })).toThrow(
    /^Cannot use "shop\/host\/data": is on .* \(at shop\/host\/web\.volumes\[0\]\)$/,
  );
});

import { join } from 'node:path';
import { Image, PortableService, type PortableServiceProps } from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, section, temporaryDirectory, textOf } from '../testing';

const UNIT = '/etc/systemd/system.attached/web.service';
const AFTER = '/etc/systemd/system/web.service.d/50-bulkhead.conf';
const PORTABLE = `${UNIT}.d/20-portable.conf`;
const PROFILE = `link:${UNIT}.d/10-profile.conf`;

const archive = (config: object = { Cmd: ['/bin/web'], Env: ['PATH=/bin'] }) => {
  const path = join(temporaryDirectory(), 'image.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
};
const make = (props: Partial<PortableServiceProps> = {}, scope = host()) =>
  new PortableService(scope, 'web', { image: archive(), ...props });
const imageOf = ({ manifest }: PortableService) =>
  Object.keys(manifest.objects).find((key) => key.startsWith('link:/etc/portables/')) ?? '';

test('a portable service is a unit as portablectl attaches it, a profile, and what comes after that', () => {
  const service = make({ tasks: 16 });
  expect(section(textOf(service, UNIT), 'Service')).toEqual([
    'Type=exec',
    'ExecStart=/bin/web',
    'Environment=PATH=/bin',
    'ExecSearchPath=/bin',
    'SuccessExitStatus=143',
    'Restart=on-failure',
    'RestartSec=2',
  ]);
  expect(section(textOf(service, AFTER), 'Service')).toEqual([
    'NetworkNamespacePath=/run/netns/bh-web',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
    'IPAddressDeny=',
    'ProtectHome=no',
    'TasksMax=16',
    'BindReadOnlyPaths=/run/bulkhead/network/web/hosts:/etc/hosts',
    'BindReadOnlyPaths=/run/bulkhead/network/shop-host/resolv.conf:/etc/resolv.conf',
  ]);
  expect(service.manifest.objects[PROFILE]).toEqual({
    spec: { target: '/usr/lib/systemd/portable/profile/strict/service.conf' },
  });
  expect(service.manifest.units['web.service']).toMatchObject({ state: 'active', enabled: true });
});

test('its image has a name and a version, and has the unit in it', () => {
  const service = make();
  const directory = service.manifest.objects[imageOf(service)]?.spec?.target ?? '';
  expect(directory).toMatch(/^\/var\/lib\/bulkhead\/images\/[0-9a-f]{64}\/web_[0-9a-f]{12}$/);
  expect(textOf(service, PORTABLE)).toBe(`# Drop-in created for image '${directory}', do not edit.

[Service]
RootDirectory=${directory}
Environment=PORTABLE=${directory.split('/').pop()}
LogExtraFields=PORTABLE=${directory.split('/').pop()}
`);
  const root = Object.entries(service.manifest.objects).find(([key]) => key.startsWith('image-root:'))?.[1];
  expect(JSON.parse(root?.spec?.files ?? '')).toMatchObject({
    'usr/lib/systemd/system/web.service': textOf(service, UNIT),
  });
});

test('another image or another unit is another version', () => {
  const image = archive();
  const versions = [
    make({ image }),
    make({ image }),
    make({ image, environment: { A: 'b' } }),
    make({ image: archive({ Cmd: ['/bin/other'] }) }),
  ].map(imageOf);
  expect(versions[0]).toBe(versions[1]);
  expect(new Set(versions).size).toBe(3);
});

test('extensions lie over the image, each of any system', () => {
  const service = make({ extensions: [archive(), archive({ Cmd: ['x'] })] });
  const lines = section(textOf(service, PORTABLE), 'Service').filter((line) => line.startsWith('Extension'));
  expect(lines).toEqual([
    expect.stringMatching(/^ExtensionDirectories=.*\/web-extension-1$/),
    expect.stringMatching(/^ExtensionDirectories=.*\/web-extension-2$/),
  ]);
  expect(service.assets).toHaveLength(3);
});

test('the network decides what opens the profile', () => {
  const after = (props: Partial<PortableServiceProps>) => section(textOf(make(props), AFTER), 'Service');
  expect(after({ network: 'host' })).toEqual(expect.arrayContaining(['PrivateNetwork=no', 'IPAddressDeny=']));
  expect(after({ network: 'none' })).not.toContain('IPAddressDeny=');
});

test.each<[Partial<PortableServiceProps>, string]>([
  [{ profile: 'loose' as never }, 'Cannot attach with profile "loose": is not a profile of systemd'],
  [{ name: 'web_1' }, 'Cannot name a portable service "web_1": has a "_"'],
  [{ image: 'caddy:2' as never }, 'Cannot run image "caddy:2": is not an Image'],
  [{ extensions: ['x' as never] }, '(at shop/host/web.extensions[0])'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

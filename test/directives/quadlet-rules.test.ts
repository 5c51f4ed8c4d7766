import { checkDirectives } from '../../lib/directives';
import { parseUnit, writeQuadlet } from './support/read-write';

/** `Section.Key: problem` for each problem of a file, without what is expected. */
function problemsOf(file: object, target = {}): string[] {
  return checkDirectives('quadlet', file, target).map(
    ({ section, key, message }) => `${section}.${key}: ${message.split(', expected')[0]}`,
  );
}

const Image = 'localhost/x:1';

describe('a Quadlet file', () => {
  test.each<[string, object]>([
    ['Container.Group: has no effect without User', { Container: { Image, Group: '5' } }],
    ['Container.StartWithPod: has no effect without Pod', { Container: { Image, StartWithPod: false } }],
    ['Container.Image: does not go with Rootfs', { Container: { Image, Rootfs: '/x' } }],
    ['Container.RemapUsers: does not go with UserNS', { Container: { Image, RemapUsers: 'auto', UserNS: 'host' } }],
    ['Pod.RemapUid: has no effect without RemapUsers', { Pod: { RemapUid: '0:1:2' } }],
    ['Kube.RemapGid: has no effect without RemapUsers', { Kube: { Yaml: '/x', RemapGid: '0:1:2' } }],
    ['Volume.Options: has no effect without Device', { Volume: { Options: 'size=1G' } }],
    ['Volume.Type: has no effect without Device', { Volume: { Type: 'tmpfs' } }],
    ['Volume.Image: has no effect without Driver', { Volume: { Image } }],
    ['Volume.Driver: "local" is the driver of a volume with Image', { Volume: { Image, Driver: 'local' } }],
    ['Volume.Driver: "image" is the driver', { Volume: { Driver: 'image' } }],
    ['Volume.Image: does not go with User', { Volume: { Image, Driver: 'image', User: 5 } }],
    ['Network.Gateway: has no effect without Subnet', { Network: { Gateway: '192.0.2.1' } }],
    ['Network.IPRange: has no effect without Subnet', { Network: { IPRange: '192.0.2.1-192.0.2.9' } }],
    ['Service.NotifyAccess: Quadlet sets it itself', { Container: { Image }, Service: { NotifyAccess: 'main' } }],
    ['Service.Delegate: Quadlet sets it itself', { Container: { Image }, Service: { Delegate: false } }],
    ['Service.Restart: Quadlet sets it itself', { Pod: {}, Service: { Restart: 'no' } }],
    ['Service.Environment: Quadlet sets it itself', { Pod: {}, Service: { Environment: { A: 'x' } } }],
    ['Service.ExecStart: Quadlet sets it itself', { Pod: {}, Service: { ExecStart: ['/bin/x'] } }],
    ['Service.User: podman does not run under it', { Volume: {}, Service: { User: 'x' } }],
    ['Container.HealthCmd: "" is empty, which Quadlet treats as not set', { Container: { Image, HealthCmd: '' } }],
    ['Container.Mount: is "type=bind,destination=/x"', { Container: { Image, Mount: 'type=bind,destination=/x' } }],
    ['Container.Mount: is "type=bind,source="', { Container: { Image, Mount: 'type=bind,source=' } }],
    ['Container.Mount: is "source=/x"', { Container: { Image, Mount: 'source=/x' } }],
    ['Container.Mount: is "type=bind,source=/a\\"b"', { Container: { Image, Mount: 'type=bind,source=/a"b' } }],
    ['Container.Pod: is "app"', { Container: { Image, Pod: 'app' } }],
    ['Kube.SetWorkingDirectory: is "/x"', { Kube: { Yaml: '/y', SetWorkingDirectory: '/x' } }],
    ['Container.Volume: is "data"', { Container: { Image, Volume: 'data' } }],
    ['Container.Volume: is ":/x"', { Container: { Image, Volume: ':/x' } }],
    ['Kube.Yaml: "/a\\"b" has a double quote, which podman does not pass to the process', { Kube: { Yaml: '/a"b' } }],
  ])('is refused: %s', (problem, file) => {
    expect(problemsOf(file)).toContain(problem);
  });

  test.each<object>([
    { Container: { Image, User: '5', Group: '5' } },
    { Container: { Image, Mount: ['type=tmpfs,destination=/x', 'type=bind,"source=/a,b",destination=/y'] } },
    { Container: { Image, Volume: ['/x', 'data.volume:/x', '/a b:/c:ro,Z'] }, Service: { Restart: 'always' } },
    { Volume: { Image, Driver: 'image' } },
    { Volume: { Driver: 'local', Device: '/dev/x', Type: 'ext4', Options: 'ro' } },
    { Network: { Subnet: '192.0.2.0/24', Gateway: '192.0.2.1' } },
  ])('is taken: %j', (file) => {
    expect(problemsOf(file)).toEqual([]);
  });

  test('names several documents of Kubernetes only where podman reads more than the last', () => {
    const file = { Kube: { Yaml: ['/a', '/b'] } };
    expect(problemsOf(file, { podman: '5.4.2' })).toEqual([
      'Kube.Yaml: more than one value is available since podman 5.8, the host has 5.4.2, see podman-systemd.unit(5)',
    ]);
    expect(problemsOf(file, { podman: '5.8.0' })).toEqual([]);
    expect(parseUnit(writeQuadlet(file), 'quadlet')).toEqual(file);
  });
});

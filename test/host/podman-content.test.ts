import type { PodmanVolumeProps } from 'bulkhead';
import { type Host, Image, PodmanNetwork, type PodmanNetworkProps, PodmanService, PodmanVolume, User } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(120_000);

const COMMAND = ['/bin/sleep', '100000'] as const;

describeHost('what podman has made', () => {
  let before: string;
  let deployment: Deployment | undefined;
  const deploy = (make: (host: Host) => unknown) => {
    deployment?.cleanUp();
    deployment = new Deployment('podman-content', (host) => void make(host));
    return deployment.apply();
  };
  const differences = () => deployment?.differences();

  beforeAll(async () => (before = await inventory()));
  afterEach(async () => {
    await deployment?.destroy();
    deployment?.cleanUp();
    deployment = undefined;
    expect(await inventory()).toBe(before);
  });

  const network = (props: PodmanNetworkProps) => (host: Host) => {
    const net = new PodmanNetwork(host, 'v-net', props);
    new PodmanService(host, 'v-app', {
      image: Image.ociArchive(images().ociArchive),
      command: COMMAND,
      networks: [net],
      directives: { Container: { StopTimeout: 1 } },
    });
  };

  test('is what all props and directives say, for root and for a user', async () => {
    const all: PodmanNetworkProps = {
      subnet: '10.217.0.0/24',
      gateway: '10.217.0.9',
      ipRange: '10.217.0.128/25',
      internal: true,
      dns: false,
      directives: { Network: { Options: { mtu: '1400', isolate: 'true' }, Label: { 'v.a': 'b c', 'v.d': '100%' } } },
    };
    const six: PodmanNetworkProps = { subnet: 'FD00:217:0::/64', ipRange: 'fd00:217::8/125', ipv6: true };
    const volume: PodmanVolumeProps = {
      device: 'tmpfs',
      type: 'tmpfs',
      options: 'size=1M,mode=0700',
      user: 5,
      group: 6,
      removalPolicy: 'destroy',
      directives: { Volume: { Label: { 'v.a': 'b' } } },
    };
    await deploy((host) => {
      const user = new User(host, 'v-user');
      for (const [prefix, owner] of [
        ['v-root', {}],
        ['v-own', { rootless: user }],
      ] as const) {
        new PodmanNetwork(host, `${prefix}-net`, { ...all, ...owner });
        new PodmanNetwork(host, `${prefix}-six`, { ...six, ...owner });
        new PodmanVolume(host, `${prefix}-data`, { ...volume, ...owner });
        new PodmanVolume(host, `${prefix}-plain`, { user: 5, removalPolicy: 'destroy', ...owner });
      }
    });
    expect(await differences()).toEqual([]);
  });

  test('is made anew when somebody made the network otherwise', async () => {
    await deploy(network({ subnet: '10.217.0.0/24' }));
    await lab.sh('systemctl stop v-net-network; podman network create --subnet 10.218.0.0/24 v-net');
    expect(await differences()).toContain(
      'start v-net-network.service: podman-network:v-net has subnets 10.218.0.0/24, expected 10.217.0.0/24',
    );
    await deployment?.apply();
    expect(await differences()).toEqual([]);
    expect(await lab.sh('podman network inspect v-net')).toContain('"10.217.0.0/24"');
  });

  test('fails the apply of a network that a container of somebody else keeps', async () => {
    await deploy(network({ subnet: '10.217.0.0/24' }));
    await lab.sh(
      'podman run -d -q --name v-theirs --network v-net "$(podman image ls -q --filter reference="localhost/v-app:*" | head -n 1)" sleep 100000',
    );
    const refused = await deploy(network({ subnet: '10.218.0.0/24' })).then(String, String);
    expect(refused).toContain('has subnets 10.217.0.0/24, expected 10.218.0.0/24 right after it was applied');
    expect(refused).toContain('podman ps --all --filter network=v-net');
    await lab.sh('podman rm -f -t 0 v-theirs');
    await deployment?.apply();
    expect(await differences()).toEqual([]);
  });

  test.each([
    ['that was there before', 'podman volume create v-data'],
    ['of the service', ''],
  ])('keeps a volume %s with other options, and says so', async (_, first) => {
    const volume = (props: PodmanVolumeProps) => (host: Host) => new PodmanVolume(host, 'v-data', props);
    if (first) await lab.sh(first);
    else await deploy(volume({}));
    const file = '$(podman volume inspect -f "{{.Mountpoint}}" v-data)/file';
    await lab.sh(`echo kept > "${file}"`);
    const refused = await deploy(volume({ device: '/srv', type: 'none', options: 'bind' })).then(String, String);
    expect(refused).toContain('Cannot create volume v-data');
    expect(refused).toContain('the existing volume has no device, expected /srv');
    expect(refused).toContain('podman volume rm v-data');
    expect(await lab.sh(`cat "${file}"`)).toBe('kept\n');
    await lab.sh('podman volume rm v-data');
    await deployment?.apply();
    expect(await differences()).toEqual([]);
    await deployment?.destroy();
    await lab.sh('podman volume rm v-data');
  });
});

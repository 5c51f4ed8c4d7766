import { Image, IncusInstance, LxdInstance, Network, SystemdService } from 'bulkhead';
import { describeHost, inventory, lab } from '../host';
import { Deployment, images } from '../synth';

jest.setTimeout(240_000);

const SERVE = 'trap "exit 0" TERM; httpd -p 80 -h /www; while :; do sleep 0.1; done';

// Root of an instance owns its network and may change all of it.
describeHost('root inside of an instance', () => {
  let before: string;
  let deployment: Deployment;
  const seen = { friend: '', friend6: '', target: '', target6: '' };

  beforeAll(async () => {
    before = await inventory();
    deployment = new Deployment('hostile-root', (host) => {
      const network = new Network(host, 'r-net');
      const page = { command: ['/usr/bin/busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'], network, expose: [80] };
      const target = new SystemdService(host, 'r-target', page);
      const friend = new SystemdService(host, 'r-friend', { ...page, reaches: [target] });
      const own = { image: Image.ociArchive(images().ociArchive), command: ['/bin/sh', '-c', SERVE], network };
      for (const [name, type] of [
        ['r-incus', IncusInstance],
        ['r-lxd', LxdInstance],
      ] as const)
        new type(host, name, { ...own, stopTimeout: '2s' });
      Object.assign(seen, {
        friend: friend.address,
        friend6: friend.connections.member().address6,
        target: target.address,
        target6: target.connections.member().address6,
      });
    });
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
  });

  const callFromFriend = (address: string) =>
    lab.run([
      'sh',
      '-c',
      'nsenter --net=/run/netns/bh-r-friend curl -sS -m 5 -o /dev/null "http://$1/hostname"',
      'sh',
      address,
    ]);

  test('a service that may call the target reaches it', async () => {
    for (const address of [seen.target, `[${seen.target6}]`])
      expect(await callFromFriend(address)).toMatchObject({ exitCode: 0 });
  });

  describe.each([
    ['Incus', 'r-incus', 'incus'],
    ['LXD', 'r-lxd', 'lxc'],
  ])('of %s', (_, name, client) => {
    /** Runs a script inside as root, and prints what it says. */
    const inside = (script: string) => lab.sh(`${client} exec "$1" -- /bin/sh -c "$2" 2>&1`, name, script);
    const call = (address: string, port: number) =>
      `wget -q -T 2 -O - http://${address}:${port}/hostname >/dev/null 2>&1 && echo reached || echo refused`;

    test('is root there, and may change its own address and hardware address', async () => {
      const hardware = await lab.sh('ip -n bh-r-friend -o link show eth0 | sed "s|.*link/ether \\([^ ]*\\).*|\\1|"');
      const said = await inside(`id -u
        ip link set eth0 down; ip link set eth0 address ${hardware.trim()}; ip link set eth0 up
        ip addr flush dev eth0 scope global
        ip addr add ${seen.friend}/32 dev eth0; ip -6 addr add ${seen.friend6}/128 dev eth0
        ip route replace 169.254.1.1 dev eth0 scope link; ip route replace default via 169.254.1.1 dev eth0
        ip -6 route replace default via fe80::1 dev eth0
        ip addr show dev eth0`);
      expect(said).toMatch(/^0\n/);
      expect(said).toContain(seen.friend);
      expect(said).toContain(hardware.trim());
    });

    test('reaches neither whom that address may reach, nor the host', async () => {
      const targets = [seen.target, `[${seen.target6}]`, '169.254.1.1', '127.0.0.53'];
      const ports = [80, 80, 22, 53];
      const said = await inside(targets.map((address, index) => call(address, ports[index] ?? 0)).join('; '));
      expect(said.trim().split('\n')).toEqual(targets.map(() => 'refused'));
    });

    test('gets nothing that is meant for whom the address belongs to', async () => {
      for (const address of [seen.target, `[${seen.target6}]`])
        expect(await callFromFriend(address)).toMatchObject({ exitCode: 0 });
      const listening = await lab.sh(
        'nsenter --net=/run/netns/bh-r-target curl -s -m 3 "http://$1/" >/dev/null 2>&1 && echo reached || echo refused',
        seen.friend,
      );
      expect(listening).toBe('refused\n');
    });
  });
});

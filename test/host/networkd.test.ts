import { type Host, SystemdNetdev, SystemdNetwork, type SystemdNetworkProps } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment } from './synth';

/** Waits until a script on the host succeeds: networkd does what it was told a moment later. */
const eventually = (script: string) =>
  lab.sh(`for i in $(seq 200); do if (${script}) >/dev/null 2>&1; then exit 0; fi; sleep 0.1; done; ${script}`);
const hasAddress = (link: string, address: string) =>
  eventually(`ip -4 -br address show ${link} | grep -w '${address}'`);

const FILE = '/etc/systemd/network/10-n-lan.network';
const DROP_IN = '/run/systemd/network/10-n-lan.network.d/x.conf';

/** A bridge with one end of a link as its member. */
const lan =
  ({ kind = 'bridge', address = '192.168.210.1/24' }: { kind?: 'bridge' | 'veth'; address?: string } = {}) =>
  (host: Host): void => {
    const network = (id: string, directives: SystemdNetworkProps['directives'], ...dependsOn: SystemdNetdev[]) =>
      new SystemdNetwork(host, id, { directives, dependsOn });
    const peer = kind === 'veth' ? { Peer: { Name: 'n-br1' } } : {};
    const bridge = new SystemdNetdev(host, 'n-bridge', {
      directives: { NetDev: { Name: 'n-br0', Kind: kind }, ...peer },
    });
    const pair = new SystemdNetdev(host, 'n-pair', {
      directives: { NetDev: { Name: 'n-in', Kind: 'veth' }, Peer: { Name: 'n-out' } },
    });
    const own = { LinkLocalAddressing: false } as const;
    network(
      'n-lan',
      { Match: { Name: bridge.interfaceName }, Network: { ...own, Address: address, ConfigureWithoutCarrier: true } },
      bridge,
    );
    const member = kind === 'bridge' ? { Bridge: 'n-br0' } : {};
    network('n-in', { Match: { Name: 'n-in' }, Network: { ...own, ...member } }, pair);
    network('n-out', { Match: { Name: 'n-out' }, Network: { ...own, Address: '192.168.210.2/24' } }, pair);
  };

describeHost('networkd', () => {
  let before: string;
  let deployment: Deployment;
  const deploy = async (build: (host: Host) => void) => {
    deployment = new Deployment('networkd-test', build);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  };
  const repaired = async (mutation: string, ...expected: string[]) => {
    await lab.sh(mutation);
    expect(await deployment.differences()).toEqual(expected);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    await hasAddress('n-br0', '192.168.210.1/24');
  };

  beforeAll(async () => {
    before = await inventory();
    await deploy(lan());
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
    expect(await lab.sh('networkctl --json=short status | grep -o 10-n-lan.network || true')).toBe('');
  });

  test('interfaces are made and configured, one as a member of the other', async () => {
    await hasAddress('n-br0', '192.168.210.1/24');
    await hasAddress('n-out', '192.168.210.2/24');
    await eventually('ip -br link show master n-br0 | grep -w UP');
    expect(await lab.sh('ip -d link show n-br0')).toContain('bridge');
    const complaints = "grep -E '^/etc/systemd/network/(10-)?n-[^:]*:[0-9]' || true";
    expect(await lab.sh(`journalctl -q -b -o cat -u systemd-networkd | ${complaints}`)).toBe('');
    expect(await lab.sh('systemctl is-enabled n-bridge-netdev n-pair-netdev')).toBe('enabled\nenabled\n');
  });

  test.each<[string, string, string[]]>([
    ['interface deleted', 'ip link delete n-br0', ['restart n-bridge-netdev.service: interface:n-br0 is missing']],
    ['file edited', `sed -i s/210/211/ ${FILE}; networkctl reload`, [`write ${FILE}: differs in Network.Address`]],
    ['file deleted', `rm ${FILE}; networkctl reload`, [`write ${FILE}: is missing`]],
    [
      'drop-in added',
      `mkdir -p ${DROP_IN.replace('/x.conf', '')}; printf '[Network]\\nAddress=\\n' > ${DROP_IN}; networkctl reload`,
      [`remove ${DROP_IN}: changes 10-n-lan.network`],
    ],
    ['unit stopped', 'systemctl stop n-bridge-netdev', ['start n-bridge-netdev.service: interface:n-br0 is missing']],
  ])('%s: is seen and repaired', async (_, mutation, expected) => {
    await repaired(mutation, ...expected);
  });

  test('a new address replaces the old one on the same interface', async () => {
    const index = await lab.sh('cat /sys/class/net/n-br0/ifindex');
    deployment.cleanUp();
    await deploy(lan({ address: '192.168.212.1/24' }));
    await hasAddress('n-br0', '192.168.212.1/24');
    await eventually('! ip -4 -br address show n-br0 | grep -w 192.168.210.1');
    expect(await lab.sh('cat /sys/class/net/n-br0/ifindex')).toBe(index);
  });

  test('an interface of another kind takes the place of the old one', async () => {
    deployment.cleanUp();
    await deploy(lan({ kind: 'veth', address: '192.168.213.1/24' }));
    expect(await lab.sh('ip -d link show n-br0')).toContain('veth');
    await hasAddress('n-br0', '192.168.213.1/24');
  });
});

describeHost('what networkd needs', () => {
  let deployment: Deployment;
  afterEach(() => deployment.cleanUp());

  test('an interface that others made is not taken', async () => {
    deployment = new Deployment('networkd-test', (host) => {
      new SystemdNetdev(host, 'n-taken', { directives: { NetDev: { Name: 'n-taken', Kind: 'bridge' } } });
    });
    await lab.sh('ip link add n-taken type bridge');
    await expect(deployment.apply()).rejects.toThrow(
      'the host has an interface of that name that Bulkhead did not create',
    );
    expect(await lab.sh('ls /etc/systemd/network; ip link delete n-taken')).not.toContain('n-taken');
  });

  test('a host whose network something else manages is left alone', async () => {
    deployment = new Deployment('networkd-test', (host) => {
      new SystemdNetwork(host, 'n-none', { directives: { Match: { Name: 'n-none' } } });
    });
    await lab.sh('systemctl stop systemd-networkd.socket systemd-networkd');
    const refused = await deployment.apply().then(String, String);
    await lab.sh('systemctl start systemd-networkd.socket systemd-networkd');
    expect(refused).toContain('Cannot run n-none on');
    expect(refused).toContain('systemd-networkd is not running there');
    expect(refused).toContain('do: systemctl enable --now systemd-networkd');
    expect(await lab.sh('ls /etc/systemd/network')).not.toContain('n-none');
  });
});

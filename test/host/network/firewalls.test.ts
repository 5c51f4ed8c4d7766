import { Lab } from '../../../lib/lab';
import { describeHost, inventory, LAB_NAME, lab } from '../host';
import { Deployment } from '../synth';
import { HEAR } from './hear';
import { Matrix } from './matrix';
import { addOutside, removeOutside } from './outside';

jest.setTimeout(240_000);

/** One runtime of each way into a namespace, the first one published. */
const matrix = new Matrix('f', ['systemd', 'container', 'program']);

const GONE = 'restart f-net-network.service: nft-table:bulkhead-f-net is missing';

/** What somebody at that namespace, or the host, hears from the published port. */
const published = (command: string, address: string) =>
  lab.sh(`${command} sh -c "$1" sh "$2"`, `${HEAR}; hear "$1" 8580`, address);

/** All that must hold, whatever others do to the firewall. */
async function expectItHolds(): Promise<void> {
  await matrix.expectItHolds();
  expect(await published('', '127.0.0.1')).toBe('f-systemd\n');
  for (const address of ['192.0.2.1', '2001:db8::1'])
    expect(await published('ip netns exec outside', address)).toBe('f-systemd\n');
}

const FORGET_DOCKER = `
  systemctl stop docker.socket docker containerd
  systemctl reset-failed docker 2>/dev/null || :
  for table in $(nft list tables | awk '/^table ip6? (filter|nat|raw)$/ {print $2 "," $3}'); do
    nft delete table "\${table%,*}" "\${table#*,}"
  done
  ip link delete docker0 2>/dev/null || :
  rm -rf /var/lib/docker`;

describeHost('beside other firewalls', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    await addOutside();
    deployment = new Deployment('firewalls-test', (host) => matrix.build(host, { ports: ['8580:7000'] }));
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await removeOutside();
    expect(await inventory()).toBe(before);
  });
  const applied = async () => {
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  };

  describe('docker, which was there first and refuses to forward', () => {
    beforeAll(async () => {
      await lab.sh('echo 0 > /proc/sys/net/ipv4/ip_forward; systemctl start docker');
      expect(await lab.sh('nft list chain ip filter FORWARD')).toContain('policy drop');
      await applied();
    });
    afterAll(async () => {
      await deployment.destroy();
      expect(await lab.sh('nft list chain ip filter DOCKER-USER')).not.toContain('bulkhead');
      await lab.sh(FORGET_DOCKER);
    });

    test('a network flows where its rules allow it', expectItHolds);

    test('a network flows after a restart of docker', async () => {
      await lab.sh('systemctl restart docker');
      expect(await deployment.differences()).toEqual([]);
      await expectItHolds();
    });

    test('a plan finds what somebody flushed, and an apply repairs it', async () => {
      await lab.sh('nft flush ruleset; systemctl restart docker');
      expect(await deployment.differences()).toEqual([GONE]);
      await applied();
      await expectItHolds();
    });
  });

  describe('docker that comes later', () => {
    beforeAll(applied);
    afterAll(() => lab.sh(FORGET_DOCKER));

    test('does not stop a network', async () => {
      await lab.sh('systemctl reset-failed docker; systemctl start docker');
      expect(await deployment.differences()).toEqual([]);
      await expectItHolds();
    });
  });

  describe('firewalld', () => {
    beforeAll(applied);
    afterAll(() => lab.sh('systemctl stop firewalld'));

    test.each([
      ['starts', 'systemctl start firewalld'],
      ['reloads', 'firewall-cmd --reload'],
      ['restarts', 'systemctl restart firewalld'],
      ['is there before the network', 'systemctl restart f-net-network'],
      ['stops', 'systemctl stop firewalld'],
    ])('a network flows when it %s', async (_, script) => {
      await lab.sh(script);
      expect(await deployment.differences()).toEqual([]);
      await expectItHolds();
    });
  });

  describe('nftables and networkd', () => {
    beforeAll(applied);

    test.each([
      ['nftables starts', 'systemctl start nftables'],
      ['nftables restarts', 'systemctl restart nftables'],
      ['networkd restarts', 'systemctl restart systemd-networkd'],
      ['nftables stops', 'systemctl stop nftables'],
    ])('a network flows when %s', async (_, script) => {
      await lab.sh(script);
      expect(await deployment.differences()).toEqual([]);
      await expectItHolds();
    });

    test('a plan finds what somebody flushed, and an apply repairs it', async () => {
      await lab.sh('nft flush ruleset');
      expect(await deployment.differences()).toEqual([GONE]);
      await applied();
      await expectItHolds();
    });
  });

  test('a network comes back with the host, which has the same addresses', async () => {
    await applied();
    const addresses = () => lab.sh('nft list set inet bulkhead-f-net owned4; nft list set inet bulkhead-f-net owned6');
    const held = await addresses();
    await new Lab({ name: LAB_NAME }).restart();
    await addOutside();
    expect(await addresses()).toBe(held);
    expect(await deployment.differences()).toEqual([]);
    await expectItHolds();
  });
});

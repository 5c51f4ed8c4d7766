import { type Host, Network, Port, SystemdService } from 'bulkhead';
import { stopDocker } from '../docker/daemon';
import { describeHost, inventory, lab } from '../host';
import { Deployment } from '../synth';
import { HEAR } from './hear';

const SERVER = (name: string, port: number) => [
  '/usr/bin/socat',
  `TCP6-LISTEN:${port},ipv6only=0,reuseaddr,fork`,
  `SYSTEM:'echo ${name}; exec cat'`,
];

interface Options {
  /** Whether web may call db at the port of its extra rule, too. */
  readonly extra?: boolean;
  /** Whether there is one more service. */
  readonly more?: boolean;
}

const build =
  ({ extra = false, more = false }: Options = {}) =>
  (host: Host): void => {
    const network = new Network(host, 'l-net');
    const props = { network, restart: 'no' } as const;
    if (more) new SystemdService(host, 'l-a', { ...props, command: SERVER('l-a', 80) });
    const db = new SystemdService(host, 'l-db', { ...props, command: SERVER('l-db', 5432), expose: [5432] });
    new SystemdService(host, 'l-web', {
      ...props,
      command: SERVER('l-web', 80),
      ports: ['8380:80'],
      reaches: [db],
    });
    const other = new SystemdService(host, 'l-other', { ...props, command: SERVER('l-other', 80) });
    if (extra) db.connections.allowFrom(other, Port.tcp(5432));
  };

const deployed = (options?: Options) => new Deployment('network-life-test', build(options));

/** What a service hears that connects to a port of another one, by name or address. */
const ask = (from: string, target: string, port: number) =>
  lab.sh(
    'nsenter -t "$(systemctl show -P MainPID "$1")" -m -n sh -c "$4" sh "$2" "$3"',
    from,
    target,
    `${port}`,
    `${HEAR}; hear "$1" "$2"`,
  );
const published = () => lab.sh(`${HEAR}; hear 127.0.0.1 8380`);
const invocations = () =>
  lab.sh('systemctl show -P InvocationID l-net-network l-db-network l-db l-web-network l-web l-other-network l-other');

/** All that must hold, whatever happened. */
async function expectItHolds(): Promise<void> {
  expect(await ask('l-web', 'l-db', 5432)).toBe('l-db\n');
  expect(await published()).toBe('l-web\n');
  const address = (await lab.sh("grep ' l-db$' /run/bulkhead/network/l-db/hosts | head -1 | cut -d' ' -f1")).trim();
  expect(await ask('l-other', address, 5432)).toBe('refused\n');
}

describeHost('a network', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    // With its bridge there, the host would go on forwarding in the end.
    await stopDocker();
    before = await inventory();
    deployment = deployed();
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
    expect(
      await lab.sh('nft list tables; find /run/bulkhead/network* /run/bulkhead/forwarding -type f 2>/dev/null || true'),
    ).toBe('');
  });

  test('holds', async () => {
    expect(await deployment.differences()).toEqual([]);
    await expectItHolds();
  });

  test('a service sees its own interface alone', async () => {
    const links = await lab.sh('nsenter -t "$(systemctl show -P MainPID l-web)" -n ip -br link');
    expect(links.split('\n').map((line) => line.split(/[ @]/)[0])).toEqual(['lo', 'eth0', '']);
  });

  test('another rule restarts nothing and loses no connection', async () => {
    const units = await invocations();
    await lab.sh(`mkfifo /run/l-in; exec 3<>/run/l-in
      nsenter -t "$(systemctl show -P MainPID l-web)" -m -n socat - TCP:l-db:5432 < /run/l-in > /run/l-out 2>&1 &
      echo $! > /run/l-pid; for i in $(seq 50); do [ -s /run/l-out ] && break; sleep 0.1; done`);
    const changed = deployed({ extra: true });
    expect((await changed.plan()).map(({ name, action }) => `${name} ${action}`)).toEqual([
      'l-net update',
      'l-db update',
      'l-web none',
      'l-other update',
    ]);
    await changed.apply();
    expect(await changed.differences()).toEqual([]);
    expect(await invocations()).toBe(units);
    expect(await ask('l-other', 'l-db', 5432)).toBe('l-db\n');
    expect(
      await lab.sh('echo still here > /run/l-in; sleep 1; cat /run/l-out; kill "$(cat /run/l-pid)"; rm /run/l-*'),
    ).toBe('l-db\nstill here\n');
    await deployment.apply();
    changed.cleanUp();
    expect(await invocations()).toBe(units);
    await expectItHolds();
  });

  test('addresses stay when a service comes and goes', async () => {
    const units = await invocations();
    const addresses = () => lab.sh("nft list set inet bulkhead-l-net owned4 | grep -o '\"bh-l-[dwo][^,}]*' | sort");
    const [held, more] = [await addresses(), deployed({ more: true })];
    await more.apply();
    expect(await addresses()).toBe(held);
    const [gone] = more.manifests.filter(({ name }) => name === 'l-a');
    expect(gone).toBeDefined();
    await more.remove(['l-a']);
    await deployment.apply();
    more.cleanUp();
    expect(await addresses()).toBe(held);
    expect(await invocations()).toBe(units);
  });

  test.each([
    ['a restart of a service', 'systemctl restart l-db'],
    ['a restart of networkd', 'systemctl restart systemd-networkd'],
    ['a start of nftables', 'systemctl start nftables'],
    ['a restart of nftables', 'systemctl restart nftables'],
    ['a reload of nftables', 'systemctl reload nftables'],
    ['a stop of nftables', 'systemctl stop nftables'],
  ])('nothing is lost by %s', async (_, script) => {
    await lab.sh(script);
    expect(await deployment.differences()).toEqual([]);
    await expectItHolds();
  });

  test('when somebody flushes all rules, what is refused stays refused, and a plan finds it', async () => {
    await lab.sh('nft flush ruleset');
    expect(await published()).toBe('refused\n');
    expect(await ask('l-web', 'l-db', 5432)).toBe('l-db\n');
    const address = (await lab.sh("grep ' l-db$' /run/bulkhead/network/l-db/hosts | head -1 | cut -d' ' -f1")).trim();
    expect(await ask('l-other', address, 5432)).toBe('refused\n');
    expect(await deployment.differences()).toEqual([
      'restart l-net-network.service: nft-table:bulkhead-l-net is missing',
    ]);
    const services = await lab.sh('systemctl show -P InvocationID l-db l-web l-other');
    await deployment.apply();
    await expectItHolds();
    expect(await lab.sh('systemctl show -P InvocationID l-db l-web l-other')).toBe(services);
  });

  test('a link that somebody deletes shows in the plan and comes back', async () => {
    await lab.sh('ip link delete bh-l-web');
    expect(await deployment.differences()).toContain('restart l-web-network.service: interface:bh-l-web is missing');
    await deployment.apply();
    await expectItHolds();
  });

  test('whatever a start leaves that is killed, the next one repairs', async () => {
    const answers = await lab.sh(
      `cd /etc/bulkhead/network/l-web
      steps=$(wc -l < link)
      for step in $(seq 0 $(cat link inside | wc -l)); do
        systemctl stop l-web l-web-network
        systemctl reset-failed l-web l-web-network
        head -n "$step" link | ip -batch -
        [ "$step" -le "$steps" ] || head -n "$((step - steps))" inside | ip -n bh-l-web -batch -
        systemctl start l-web
        nsenter -t "$(systemctl show -P MainPID l-web)" -m -n sh -c "$1"
      done`,
      `${HEAR}; hear l-db 5432`,
    );
    const steps = Number(
      await lab.sh('cat /etc/bulkhead/network/l-web/link /etc/bulkhead/network/l-web/inside | wc -l'),
    );
    expect(answers).toBe('l-db\n'.repeat(steps + 1));
    await expectItHolds();
  });

  test('whatever a start leaves that is killed goes with its service', async () => {
    await lab.sh(`systemctl stop l-web l-web-network
      cd /etc/bulkhead/network/l-web
      head -n 1 link | ip -batch -`);
    await deployment.remove(['l-web']);
    expect(await lab.sh('ip netns; ip -br link')).not.toContain('bh-l-web');
    await deployment.apply();
    await expectItHolds();
  });
});

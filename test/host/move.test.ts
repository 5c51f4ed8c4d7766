import { DockerDaemon, type Host, SystemdService } from 'bulkhead';
import { tarOf } from '../archives/made-tar';
import { startDocker, stopDocker } from './docker/daemon';
import { describeHost, inventory, lab } from './host';
import { MadeImages } from './made-images';
import { type CommonProps, type Create, INTO_GUEST, type KernelProps, ON_KERNEL } from './movers';
import { longestGap, PROBE } from './probe';
import { Deployment } from './synth';

jest.setTimeout(300_000);

const PORT = 8076;

/** Writes into its volume as which user it runs, and whether it can write to its root, and serves the volume. */
const COMMAND = [
  '/bin/sh',
  '-c',
  "id -u >> /data/log; touch /made && echo writable >> /data/log; trap 'exit 0' TERM; httpd -f -p 8080 -h /data & wait",
] as const;

// systemd-nspawn asks it who a user other than root is.
const GETENT = `#!/bin/sh
[ "$1" = passwd ] && echo 'm-web:x:1765:1765:web:/:/bin/sh' || echo m-web
`;

const PROBED = '/run/m-probe';

const CURL = 'curl --silent --fail --retry 60 --retry-all-errors --retry-delay 1';
/** Asks by its name and over one version of IP, as its neighbour on the network. */
const ASK = `exec nsenter --target "$(systemctl show -P MainPID m-peer)" --net --mount ${CURL} "-$1" http://m-web:8080/log`;

/** Classes whose services have no namespace that outlives them, or one that leads to a guest. */
const WITHOUT_NAMESPACE = ['lxd', 'incus', 'qemu'];

const jobs = async (verb: string) =>
  Number(
    await lab.sh(
      `journalctl --sync; journalctl -q -b -o cat -u m-web.service | grep -c "^$1 m-web.service" || :`,
      verb,
    ),
  );

const commonProps = (host: Host, image: CommonProps['image']): CommonProps => ({
  image,
  command: COMMAND,
  network: host.network,
  address: host.network.subnet.replace(/\d+\.\d+\/\d+$/, '0.99'),
  ports: [`${PORT}:8080`],
  volumes: ['/var/lib/m-data:/data'],
  environment: { GREETING: 'hello world' },
  memory: '128M',
  readOnlyRoot: true,
  stopTimeout: '1s',
});

const kernelProps = (host: Host, image: CommonProps['image']): KernelProps => ({
  ...commonProps(host, image),
  user: '1765',
  workingDirectory: '/data',
  tasks: 100,
  stopSignal: 'SIGTERM',
  dependsOn: [new DockerDaemon(host, 'm-docker')],
});

interface Walk<Props> {
  readonly user: number;
  readonly classes: Readonly<Record<string, Create<Props>>>;
  propsOf(host: Host, image: CommonProps['image']): Props;
}

function describeWalk<Props>(title: string, { user, classes, propsOf }: Walk<Props>): void {
  const names = Object.keys(classes);
  const there = names.slice(1).map((name, index) => [names[index] ?? '', name] as const);
  const back = there.map(([from, to]) => [to, from] as const).reverse();

  describeHost(`a service of ${title} whose class is replaced by another, and nothing else`, () => {
    const made = new MadeImages();
    const downtimes: string[] = [];
    let before: string;
    let first: Awaited<ReturnType<typeof seen>>;
    let deployment: Deployment;
    let runs = 0;
    let gone: readonly string[] = [];
    let image: CommonProps['image'];

    const moveTo = (name: string) => {
      deployment?.cleanUp();
      const before = deployment?.manifests.map((manifest) => manifest.name) ?? [];
      deployment = new Deployment('move', (host: Host) => {
        const web = classes[name]?.(host, 'm-web', propsOf(host, image));
        const peer = { command: ['/usr/bin/sleep', 'infinity'], network: host.network };
        new SystemdService(host, 'm-peer', { ...peer, reaches: web ? [web] : [] });
      });
      runs += 1;
      // An image of docker's is a service of its own.
      gone = before.filter((service) => !deployment.manifests.some((manifest) => manifest.name === service));
      return deployment;
    };

    /** What everybody sees of it, whatever runs it. */
    const seen = async () => ({
      names: await lab.sh('grep -w m-web /etc/bulkhead/network/m-peer/hosts'),
      owners: await lab.sh('stat -c "%u:%g %a" /var/lib/m-data/log'),
      published: await lab.sh(`${CURL} http://127.0.0.1:${PORT}/log`),
      byName4: await lab.sh(ASK, '4'),
      byName6: await lab.sh(ASK, '6'),
    });
    const link = () => lab.sh('cat /sys/class/net/bh-m-web/ifindex');

    beforeAll(async () => {
      if (names.includes('docker')) await startDocker();
      await lab.sh(
        'useradd --uid 1765 --no-create-home m-web; mkdir -p /var/lib/m-data && chown "$1:$1" /var/lib/m-data',
        String(user),
      );
      before = await inventory();
      // A machine whose root is read-only must have the places that volumes are mounted on.
      const layer = tarOf([
        { path: 'usr/bin/getent', mode: 0o755, content: GETENT },
        { path: 'data/', flag: '5', mode: 0o755 },
      ]);
      image = made.of([await MadeImages.busybox(), layer]);
      await moveTo(names[0] ?? '').apply();
      first = await seen();
      expect(first.names).toMatch(/\.0\.99 m-web$/m);
    });
    afterAll(async () => {
      process.stdout.write(`downtime of each move of ${title}, ms\n${downtimes.join('')}`);
      await lab.sh('systemctl stop m-probe 2>/dev/null || :; rm -f /run/m-probe');
      await deployment.destroy();
      deployment.cleanUp();
      made.cleanUp();
      const after = await inventory();
      await lab.sh('rm -r /var/lib/m-data; userdel m-web');
      if (names.includes('docker')) await stopDocker();
      expect(after).toBe(before);
    });

    test.each([...there, ...back])('moves from %s to %s by one stop and one start', async (from, to) => {
      const linkBefore = await link();
      const [stopped, started] = [await jobs('Stopped'), await jobs('Started')];
      moveTo(to);
      const plans = await deployment.plan();
      expect(plans.find(({ name }) => name === 'm-peer')?.steps).toEqual([]);
      const plan = plans.find(({ name }) => name === 'm-web');
      expect(plan?.obstacles).toEqual([]);
      const runtimes = [from, to].map((name) => name.replace(/^(?:crun|runc)$/, 'oci').replace('-privileged', ''));
      const keepsNamespace = ![from, to].some((name) => WITHOUT_NAMESPACE.includes(name));
      const keeps = keepsNamespace ? ['m-web-network.service'] : [];
      const move = { from: runtimes[0], to: runtimes[1], keeps };
      expect(plan?.move).toEqual(runtimes[0] === runtimes[1] ? undefined : move);
      const output = `StandardOutput=truncate:${PROBED}`;
      const probe = ['python3', '-c', PROBE, `${PROBED}-stop`, '0.05', '/log', String(PORT)];
      await lab.run(['systemd-run', '--quiet', '--collect', '--unit', 'm-probe', '--property', output, ...probe]);
      await deployment.apply();
      if (gone.length > 0) await deployment.remove(gone);
      expect(await deployment.differences()).toEqual([]);
      expect([(await jobs('Stopped')) - stopped, (await jobs('Started')) - started]).toEqual([1, 1]);
      const log = `${user}\n`.repeat(runs);
      expect(await seen()).toEqual({ ...first, published: log, byName4: log, byName6: log });
      if (keepsNamespace) expect(await link()).toBe(linkBefore);
      await lab.sh('systemctl stop m-probe');
      const downtime = longestGap(await lab.sh(`cat ${PROBED}`), PORT);
      downtimes.push(`${String(downtime).padStart(6)}  ${from} to ${to}\n`);
    });
  });
}

describeWalk('a user of the host', { user: 1765, classes: ON_KERNEL, propsOf: kernelProps });
describeWalk('root of its image', { user: 0, classes: INTO_GUEST, propsOf: commonProps });

import { DockerDaemon, type Host } from 'bulkhead';
import { tarOf } from '../archives/made-tar';
import { startDocker, stopDocker } from './docker/daemon';
import { describeHost, inventory, lab } from './host';
import { MadeImages } from './made-images';
import { type CommonProps, MOVERS } from './movers';
import { Deployment } from './synth';

jest.setTimeout(300_000);

const ADDRESS = '10.70.0.99';
const URL = 'http://127.0.0.1:8076/log';

/** Writes into its volume as which user it runs, and serves the volume. */
const COMMAND = ['/bin/sh', '-c', "id -u >> /data/log; trap 'exit 0' TERM; httpd -f -p 8080 -h /data & wait"] as const;

// systemd-nspawn asks it who a user other than root is.
const GETENT = `#!/bin/sh
[ "$1" = passwd ] && echo 'm-web:x:1765:1765:web:/:/bin/sh' || echo m-web
`;

/** Asks again and again, and notes when it was answered. The pauses between are the time that nobody was. */
const PROBE = `while :; do curl --silent --fail --max-time 1 -o /dev/null "$0" && date +%s%N; sleep 0.01; done > /run/m-probe`;
const LONGEST = `awk 'NR > 1 && $1 - last > longest { longest = $1 - last } { last = $1 } END { print int(longest / 1000000) }' /run/m-probe`;

const names = Object.keys(MOVERS);
const there = names.slice(1).map((name, index) => [names[index] ?? '', name] as const);
const back = there.map(([from, to]) => [to, from] as const).reverse();

const jobs = async (verb: string) =>
  Number(
    await lab.sh(
      `journalctl --sync; journalctl -q -b -o cat -u m-web.service | grep -c "^$1 m-web.service" || :`,
      verb,
    ),
  );

describeHost('a service whose class is replaced by another, and nothing else', () => {
  const made = new MadeImages();
  const downtimes: string[] = [];
  let before: string;
  let deployment: Deployment;
  let runs = 0;
  let gone: readonly string[] = [];
  let image: CommonProps['image'];

  const moveTo = (name: string) => {
    deployment?.cleanUp();
    const before = deployment?.manifests.map((manifest) => manifest.name) ?? [];
    deployment = new Deployment('move', (host: Host) => {
      const daemon = new DockerDaemon(host, 'm-docker');
      MOVERS[name]?.(host, 'm-web', {
        image,
        command: COMMAND,
        user: '1765',
        network: host.network,
        address: host.network.subnet.replace(/\d+\.\d+\/\d+$/, ADDRESS.replace(/^\d+\.\d+\./, '')),
        ports: ['8076:8080'],
        volumes: ['/var/lib/m-data:/data'],
        environment: { GREETING: 'hello world' },
        workingDirectory: '/data',
        memory: '128M',
        tasks: 100,
        readOnlyRoot: true,
        stopSignal: 'SIGTERM',
        stopTimeout: '1s',
        dependsOn: [daemon],
      });
    });
    runs += 1;
    // An image of docker's is a service of its own.
    gone = before.filter((service) => !deployment.manifests.some((manifest) => manifest.name === service));
    return deployment;
  };

  /** What everybody sees of it, whatever runs it. */
  const seen = async () => {
    const address = await lab.sh('nsenter --net=/run/netns/bh-m-web ip -4 -br addr show scope global');
    const link = await lab.sh('cat /sys/class/net/bh-m-web/ifindex');
    const owners = await lab.sh('stat -c "%u:%g %a" /var/lib/m-data/log');
    return {
      address,
      link,
      owners,
      log: await lab.sh('curl --silent --fail --retry 20 --retry-all-errors --retry-delay 1 "$1"', URL),
    };
  };

  beforeAll(async () => {
    await startDocker();
    await lab.sh('useradd --uid 1765 --no-create-home m-web; mkdir -p /var/lib/m-data && chown m-web: /var/lib/m-data');
    before = await inventory();
    // A root that is read-only must have the places that volumes are mounted on.
    const layer = tarOf([
      { path: 'usr/bin/getent', mode: 0o755, content: GETENT },
      { path: 'data/', flag: '5', mode: 0o755 },
    ]);
    image = made.of([await MadeImages.busybox(), layer]);
    await moveTo(names[0] ?? '').apply();
  });
  afterAll(async () => {
    process.stdout.write(`downtime of each move, ms\n${downtimes.join('')}`);
    await lab.sh('systemctl stop m-probe 2>/dev/null || :; rm -f /run/m-probe');
    await deployment.destroy();
    deployment.cleanUp();
    made.cleanUp();
    const after = await inventory();
    await lab.sh('rm -r /var/lib/m-data; userdel m-web');
    await stopDocker();
    expect(after).toBe(before);
  });

  test.each([...there, ...back])('moves from %s to %s by one stop and one start', async (from, to) => {
    const start = await seen();
    const [stopped, started] = [await jobs('Stopped'), await jobs('Started')];
    moveTo(to);
    const plan = (await deployment.plan()).find(({ name }) => name === 'm-web');
    expect(plan?.obstacles).toEqual([]);
    const runtimes = [from, to].map((name) => name.replace(/^(?:crun|runc)$/, 'oci').replace('-privileged', ''));
    const move = { from: runtimes[0], to: runtimes[1], keeps: ['m-web-network.service'] };
    expect(plan?.move).toEqual(runtimes[0] === runtimes[1] ? undefined : move);
    await lab.sh('systemd-run --quiet --collect --unit m-probe sh -c "$1" "$2"', PROBE, URL);
    await deployment.apply();
    if (gone.length > 0) await deployment.remove(gone);
    expect(await deployment.differences()).toEqual([]);
    expect([(await jobs('Stopped')) - stopped, (await jobs('Started')) - started]).toEqual([1, 1]);
    expect(await seen()).toEqual({ ...start, log: '1765\n'.repeat(runs) });
    await lab.sh('systemctl stop m-probe');
    downtimes.push(
      `${String(await lab.sh(LONGEST))
        .trim()
        .padStart(6)}  ${from} to ${to}\n`,
    );
  });
});

import { ConfigFile, type Host, Image, IncusInstance, type InstanceProps, LxdInstance } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

const image = () => Image.ociArchive(images().ociArchive);
/** Says what it finds, writes where it may, and ends when it is told to. */
const WRITER = [
  'echo "started as $(id -u)"; cat /page; ls -ln /data | tail -n 1; echo "$TEXT" > /data/written',
  'echo kept > /root-of-it; trap "exit 0" TERM; while :; do sleep 0.1; done',
].join('\n');

for (const [engine, client, type] of [
  ['Incus', 'incus', IncusInstance],
  ['LXD', 'lxc', LxdInstance],
] as const) {
  describeHost(`an instance of ${engine}`, () => {
    const name = `i-${client}`;
    const unit = client === 'lxc' ? 'lxd' : client;
    const run = `/run/bulkhead/${unit}/${name}`;
    let before: string;
    let deployments: Deployment[] = [];

    const deployed = async (props: Partial<InstanceProps> = {}): Promise<Deployment> => {
      const deployment = new Deployment(`instances-${client}`, (host: Host) => {
        const page = new ConfigFile(host, `${name}-page`, { path: `/etc/${name}-page`, content: 'page of the host\n' });
        new type(host, name, {
          image: image(),
          command: ['/bin/sh', '-c', WRITER],
          environment: { TEXT: 'first\nsecond' },
          volumes: [`/var/lib/${name}:/data`, { source: page, target: '/page' }],
          stopTimeout: '5s',
          ...props,
        });
      });
      deployments.push(deployment);
      await deployment.apply();
      expect(await deployment.differences()).toEqual([]);
      return deployment;
    };
    const started = () => lab.sh('systemctl show -P InvocationID "$1"; cat "$2/pid"', name, run);

    beforeAll(async () => {
      before = await inventory();
      await lab.sh('mkdir -p "/var/lib/$1"; touch "/var/lib/$1/theirs"; chown 33:33 "/var/lib/$1/theirs"', name);
    });
    afterAll(async () => {
      await deployments.at(-1)?.destroy();
      for (const deployment of deployments) deployment.cleanUp();
      deployments = [];
      await lab.sh('rm -r "/var/lib/$1"', name);
      expect(await inventory()).toBe(before);
    });

    test('says in the journal what it says, and sees its volumes with their owners', async () => {
      await deployed();
      const log = await lab.sh('journalctl --sync; journalctl -o cat -u "$1"', name);
      expect(log).toMatch(/^started as 0$/m);
      expect(log).toMatch(/^page of the host$/m);
      expect(log).toMatch(/ 33 +33 .* theirs$/m);
      expect(await lab.sh('cat "/var/lib/$1/written"; stat -c %u:%g "/var/lib/$1/written"', name)).toBe(
        'first\nsecond\n0:0\n',
      );
      expect(await lab.sh('awk "{ print \\$2 }" "/proc/$(cat "$1/pid")/uid_map"', run)).not.toBe('0\n');
    });

    test('gets other limits while it runs', async () => {
      const at = await started();
      await deployed({ memory: '48M', tasks: 33, cpu: 0.5 });
      expect(await started()).toBe(at);
      const limits = 'for key in memory processes cpu.allowance; do $1 config get "$2" limits.$key; done';
      expect(await lab.sh(limits, client, name)).toBe(`${48 * 2 ** 20}\n33\n50ms/100ms\n`);
    });

    test('is not restarted by a restart of its engine', async () => {
      const at = await started();
      await lab.sh(`systemctl restart ${unit}.service`);
      expect(await started()).toBe(at);
      expect(await deployments.at(-1)?.differences()).toEqual([]);
    });

    test('is up again when its program was killed, and when it was stopped by hand', async () => {
      for (const end of ['kill -KILL "$(cat "$2/pid")"', `${client} stop --force "$1"`]) {
        const at = await started();
        await lab.sh(
          `${end}; for try in $(seq 300); do
            [ "$(systemctl show -P InvocationID "$1")" = "$3" ] || ! systemctl is-active --quiet "$1" || exit 0
            sleep 0.1
          done; exit 1`,
          name,
          run,
          at.split('\n')[0] ?? '',
        );
        expect(await deployments.at(-1)?.differences()).toEqual([]);
      }
    });

    test('can write to nothing of a read-only root, with users of its own or those of the host', async () => {
      const asked = 'for path in /made /tmp/made /run/made /var/tmp/made; do touch $path && echo "made $path"; done';
      const ports = 'read -r port </proc/sys/net/ipv4/ip_unprivileged_port_start; echo "ports from $port"';
      for (const privateUsers of [true, false]) {
        const script = `${asked}; ${ports}; trap "exit 0" TERM; while :; do sleep 0.1; done`;
        const command = ['/bin/sh', '-c', script];
        await deployed({ readOnlyRoot: true, command, privateUsers, capabilities: [] });
        const log = await lab.sh(
          'journalctl --sync; journalctl -o cat _SYSTEMD_INVOCATION_ID="$(systemctl show -P InvocationID "$1")"',
          name,
        );
        expect(log.match(/^made .*$/gm)).toEqual(['made /tmp/made', 'made /run/made', 'made /var/tmp/made']);
        expect(log).toMatch(/^ports from 0$/m);
      }
    });

    test('of another image is another one, and the old one is kept with all that was written into it', async () => {
      await lab.sh(`${client} snapshot "$1" s1 2>/dev/null || ${client} snapshot create "$1" s1`, name);
      await deployed({ image: Image.tar(images().tar), memory: '48M' });
      expect(await lab.sh(`${client} exec "$1" -- /bin/cat /root-of-it; ${client} list -f csv -c ns`, name)).toMatch(
        new RegExp(`^kept\n(?:.*\n)*${name},RUNNING\n${name}-previous,STOPPED\n`),
      );
      expect(await lab.sh(`${client} query "/1.0/instances/$1-previous/snapshots"`, name)).toContain('/snapshots/s1');
      const count = `${client} query '/1.0/images?recursion=1' | grep -c '"fingerprint"'`;
      // The image before is kept to go back to.
      expect(await lab.sh(count)).toBe('2\n');
    });

    test('that somebody deletes is missing, and those beside it are not', async () => {
      const names = ['one', 'two', 'three'].map((word) => `${name}-${word}`);
      const instance = `${unit}-instance:${name}-two`;
      const deployment = new Deployment(`instances-${client}-three`, (host: Host) => {
        for (const each of names)
          new type(host, each, {
            image: image(),
            command: ['/bin/sleep', 'infinity'],
            network: 'none',
            stopTimeout: '1s',
          });
      });
      await deployment.apply();
      await lab.sh(`systemctl stop "$1-two"; ${client} delete --force "$1-two"`, name);
      expect(await deployment.differences()).toEqual([
        `make ${instance}: is missing`,
        `start ${name}-two.service: ${instance} changes`,
      ]);
      await deployment.apply();
      await deployment.destroy();
      deployment.cleanUp();
    });

    test('is refused as a virtual machine by a host that runs none', async () => {
      const deployment = new Deployment(`instances-${client}-vm`, (host: Host) => {
        new type(host, `${name}-vm`, { type: 'virtual-machine', image: Image.tar(images().tar), network: 'none' });
      });
      const plans = await deployment.plan();
      expect(plans.flatMap(({ obstacles }) => obstacles)).toContainEqual(
        expect.objectContaining({ problem: `its ${engine} is not running, or can't run virtual machines` }),
      );
      await expect(deployment.apply()).rejects.toThrow(`its ${engine} is not running, or can't run virtual machines`);
      deployment.cleanUp();
    });
  });
}

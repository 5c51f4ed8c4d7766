import { Image, NspawnMachine, PodmanService, type PodmanServiceProps, SystemdService, SystemdSocket } from 'bulkhead';
import { EitherStack, RENDERINGS } from './either';
import { describeHost, inventory, lab } from './host';
import type { Build } from './stack';
import { Deployment, images } from './synth';

jest.setTimeout(180_000);

const command = ['/usr/bin/sleep', 'infinity'];
const box = () => Image.ociArchive(images().ociArchive);
const podman = (name: string, props: Partial<PodmanServiceProps>): Build => {
  return (host) => void new PodmanService(host, name, { image: box(), stopTimeout: '1s', ...props });
};
const systemd = (name: string, props: object): Build => {
  return (host) => void new SystemdService(host, name, { command, ...props });
};

interface Row {
  readonly name: string;
  readonly build: Build;
  /** What the plan says is missing or taken. */
  readonly problem: string;
}

/** Each a service that could not start, and why. */
const ROWS: readonly Row[] = [
  {
    name: 'fo-volume',
    build: podman('fo-volume', { volumes: ['/srv/fo/app.conf:/x'] }),
    problem: 'volumes[0] names /srv/fo/app.conf, and it does not exist',
  },
  {
    name: 'fo-write',
    build: systemd('fo-write', { volumes: ['/srv/fo/data:/data'] }),
    problem: 'volumes[0] names /srv/fo/data, and it does not exist',
  },
  {
    name: 'fo-env',
    build: podman('fo-env', { environmentFiles: ['/etc/fo.env'] }),
    problem: 'environmentFiles[0] names /etc/fo.env, and it does not exist',
  },
  {
    name: 'fo-program',
    build: systemd('fo-program', { command: ['/usr/bin/fo-nothing'] }),
    problem: 'command names the program /usr/bin/fo-nothing, which the host does not have',
  },
  {
    name: 'fo-name',
    build: systemd('fo-name', { command: ['fo-nothing'] }),
    problem: 'command names the program fo-nothing, which the host does not have',
  },
  {
    name: 'fo-mode',
    build: systemd('fo-mode', { command: ['/etc/hostname'] }),
    problem: 'command names the program /etc/hostname, which the host does not have',
  },
  {
    name: 'fo-user',
    build: systemd('fo-user', { user: 'fo-nobody' }),
    problem: 'user is "fo-nobody", and the host has no user "fo-nobody"',
  },
  {
    name: 'fo-group',
    build: systemd('fo-group', { user: 'daemon', directives: { Service: { Group: 'fo-nobody' } } }),
    problem: 'the host has no group "fo-nobody"',
  },
  { name: 'fo-port', build: systemd('fo-port', { ports: [7801] }), problem: ' of fo-theirs.service listens on tcp ' },
  {
    name: 'fo-podport',
    build: podman('fo-podport', { ports: ['127.0.0.1:7803:80'] }),
    problem: ' of fo-also.service listens on tcp ',
  },
  {
    name: 'fo-sock',
    build: (host) => void new SystemdSocket(host, 'fo-sock', { command, ports: [7802] }),
    problem: 'fo-waits.socket listens on tcp ',
  },
  {
    name: 'fo-box',
    build: podman('fo-box', {}),
    problem: 'podman has a container of that name, which Bulkhead did not create',
  },
  {
    name: 'fo-machine',
    build: (host) => void new NspawnMachine(host, 'fo-machine', { root: '/srv/fo-root', command, network: 'host' }),
    problem: 'systemd-machined has a machine of that name, of fo-registered.service, which Bulkhead did not create',
  },
];

/** What is there of others: files, who listens, a container and a machine of the names. */
const THEIRS = `
systemd-run --quiet --unit=fo-theirs.service /bin/busybox httpd -f -p 7801 -h /srv
systemd-run --quiet --unit=fo-also.service /bin/busybox httpd -f -p 7803 -h /srv
systemd-run --quiet --unit=fo-waits.service --socket-property=ListenStream=7802 /usr/bin/cat
systemd-run --quiet --unit=fo-registered.service /usr/bin/sleep infinity
for try in $(seq 50); do pid=$(systemctl show -P MainPID fo-registered.service); [ "$pid" != 0 ] && break; sleep 0.1; done
busctl call org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager RegisterMachine \\
  sayssus fo-machine 0 fo container "$pid" /srv/fo-root
mkdir /srv/fo-root
tar -c --files-from /dev/null | podman import --quiet - localhost/fo-theirs:1
podman create --name fo-box localhost/fo-theirs:1 /true`;
const THEIRS_GO = `
podman rm --force fo-box; podman rmi localhost/fo-theirs:1
systemctl stop fo-theirs.service fo-also.service fo-waits.socket fo-waits.service fo-registered.service 2>/dev/null || :
systemctl reset-failed 'fo-*' 2>/dev/null || :
rmdir /srv/fo-root`;

/** All that is there, by its content. */
const digest = async () => [
  await inventory(),
  await lab.sh(`
    find /etc /srv /var/lib/bulkhead /var/lib/containers/storage/overlay-containers -xdev -type f ! -name '*lock*' \\
      -exec sha256sum {} + 2>/dev/null | sort -k 2
    nft -s list ruleset; podman ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'; machinectl list --no-legend
    systemctl list-units --all --plain --no-legend 'fo-*' | sort`),
];

describeHost('what is missing or taken', () => {
  let untouched: string;
  let before: string[];
  beforeAll(async () => {
    untouched = await inventory();
    await lab.sh(THEIRS);
    before = await digest();
  });
  afterAll(async () => {
    await lab.sh(THEIRS_GO);
    expect(await inventory()).toBe(untouched);
  });

  test.each(ROWS)('$name is refused at plan and at apply, and nothing is touched', async ({ name, build, problem }) => {
    const deployment = new Deployment('foreseen', (host) => build(host, host.stack));
    const plans = await deployment.plan();
    const [
      {
        path,
        obstacles: [first, ...others],
      } = { path: '', obstacles: [] },
    ] = plans.filter(({ obstacles }) => obstacles.length > 0);
    expect(path).toBe(`foreseen/host/${name}`);
    expect(`${first?.action}: ${first?.problem}`).toContain(name);
    expect(first?.problem).toContain(problem);
    expect(first?.advice).toMatch(/\S/);
    expect(others).toEqual([]);
    await expect(deployment.apply()).rejects.toThrow(`${problem}`);
    deployment.cleanUp();
    expect(await digest()).toEqual(before);
  });

  test.each(RENDERINGS)('%s tells of all of them at once, each with its construct path', async (rendering) => {
    const stack = new EitherStack('foreseen', rendering);
    const { exitCode, output } = await stack.deploy((host) => {
      for (const { build } of ROWS) build(host, host.stack);
    });
    expect(exitCode).not.toBe(0);
    for (const { name, problem } of ROWS) {
      expect(output).toContain(problem);
      expect(output).toContain(`foreseen/host/${name}`);
    }
    expect(await digest()).toEqual(before);
    await stack.destroy();
  });
});

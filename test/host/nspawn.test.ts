import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFile, type Host, Image, NspawnMachine } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

/** A Debian that shares the host's programs: enough for its systemd to boot. */
const MAKE_ROOT = `
  mkdir -p "$1" && cd "$1"
  mkdir dev etc proc root run sys tmp usr var
  for directory in bin lib lib64 sbin; do ln -s "usr/$directory" "$directory"; done
  cp /usr/lib/os-release /etc/passwd /etc/group /etc/nsswitch.conf etc
  # With one, it is not the first boot, which asks questions.
  echo 0123456789abcdef0123456789abcdef > etc/machine-id`;
const USR = { Files: { BindReadOnly: '/usr' } } as const;

/** Notes in its volume when it starts, what it can write to, and that it was asked to stop. */
const APP = [
  "trap 'echo asked >> /data/log; rm /data/ready; exit 0' USR1",
  'echo started >> /data/log',
  '[ -e /mark ] && echo old >> /data/log',
  'echo > /mark',
  'echo > /page || echo refused >> /data/log',
  'touch /data/ready',
  'while :; do sleep 0.1; done',
].join('; ');

const machines = (host: Host): void => {
  const page = new ConfigFile(host, 'm-page', { path: '/etc/m-page', content: 'a page\n' });
  new NspawnMachine(host, 'm-boot', { root: '/srv/m-boot', health: 'notify', tasks: 100, directives: USR });
  new NspawnMachine(host, 'm-user', {
    root: '/srv/m-user',
    ephemeral: true,
    command: ['/bin/sh', '-c', 'exec sleep infinity'],
    stopTimeout: '1s',
    user: 'daemon',
    workingDirectory: '/var',
    environment: { GREETING: `it's "$HOME" %n` },
    capabilities: ['CAP_NET_RAW'],
    devices: ['/dev/loop-control'],
    privateUsers: false,
    directives: USR,
  });
  new NspawnMachine(host, 'm-app', {
    image: Image.ociArchive(images().ociArchive),
    command: ['/bin/sh', '-c', APP],
    stopSignal: 'SIGUSR1',
    volumes: ['/srv/m-data:/data', { source: page, target: '/page' }],
    ephemeral: true,
    health: { command: ['/bin/sh', '-c', '[ -e /data/ready ]'], interval: '100ms' },
  });
};

/** Runs a script in a machine, as its root. */
const inside = (machine: string, script: string) =>
  lab.sh('exec nsenter --all --target "$(machinectl show -P Leader "$1")" sh -euc "$2"', machine, script);
const leader = (machine: string, file: string) =>
  lab.sh('cat "/proc/$(machinectl show -P Leader "$1")/$2"', machine, file);
const copies = () => lab.sh('find /var/lib/machines /srv -maxdepth 1 -name ".#machine.*" -printf "%f\\n" | sort');

describeHost('machines', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    for (const root of ['/srv/m-boot', '/srv/m-user']) await lab.sh(MAKE_ROOT, root);
    await lab.sh('mkdir /srv/m-data');
    deployment = new Deployment('nspawn-test', machines);
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh('rm -r --one-file-system /srv/m-boot /srv/m-user /srv/m-data');
    expect(await inventory()).toBe(before);
  });

  test('two plans after an apply are empty', async () => {
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  test('one without a command boots its own systemd, with users of its own, and is shut down by it', async () => {
    expect(await lab.sh('systemctl -M m-boot is-system-running')).toBe('running\n');
    expect(await inside('m-boot', 'readlink /proc/1/exe; id -u')).toBe('/usr/lib/systemd/systemd\n0\n');
    expect((await leader('m-boot', 'uid_map')).trim()).toMatch(/^0 +[1-9]\d{5,} +65536$/);
    await lab.sh('systemctl stop m-boot');
    expect(await lab.sh('systemctl show -P Result -P ActiveState m-boot')).toBe('success\ninactive\n');
    expect(await lab.sh('journalctl -q -o cat -n 20 -u m-boot')).toContain('Halting system.');
    expect(await deployment.differences()).toEqual(['start m-boot.service: is inactive']);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await lab.sh('stat -c %u /srv/m-boot/var/log')).toBe('0\n');
  });

  test('a program runs as the user, in the directory, and with the environment and capabilities that it is given', async () => {
    const status = await leader('m-user', 'status');
    expect(status).toMatch(/^Uid:\t1\t1\t1\t1$/m);
    expect(status).toMatch(/^CapBnd:\t0000000000002000$/m);
    expect(await lab.sh('readlink "/proc/$(machinectl show -P Leader m-user)/cwd"')).toMatch(/\/var$/m);
    expect((await leader('m-user', 'environ')).split('\0')).toContain(`GREETING=it's "$HOME" %n`);
    expect(await inside('m-user', 'dd if=/dev/loop-control count=0 2>&1 && echo opened')).toContain('opened');
    await expect(inside('m-boot', 'ls /dev/loop-control')).rejects.toThrow('No such file');
  });

  test('a program sees its volumes with the owners of the host, and can not write to a config file', async () => {
    expect(await lab.sh('cat /srv/m-data/log')).toBe('started\nrefused\n');
    expect(await lab.sh('stat -c %u:%g /srv/m-data/log')).toBe('0:0\n');
    expect(await inside('m-app', 'cat /page')).toBe('a page\n');
  });

  test('a program is asked to stop by its signal, and an ephemeral root forgets', async () => {
    await lab.sh('systemctl restart m-app');
    expect(await lab.sh('cat /srv/m-data/log')).toBe('started\nrefused\nasked\nstarted\nrefused\n');
    await expect(lab.sh('ls /var/lib/machines/m-app/mark')).rejects.toThrow('No such file');
    await lab.sh('systemctl stop m-app');
    expect(await lab.sh('systemctl show -P Result m-app')).toBe('success\n');
    await deployment.apply();
  });

  test('what a killed ephemeral machine leaves is gone', async () => {
    expect(await copies()).toMatch(/^\.#machine\.m-app[0-9a-f]{16}\n\.#machine\.m-user[0-9a-f]{16}\n$/);
    await lab.sh('systemctl kill -s KILL m-app m-user; systemctl stop m-app m-user');
    expect(await copies()).toBe('');
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });
});

/** Makes an image whose last layer has a program with a capability, compresses its layers with zstd, and prints it. */
const MAKE_IMAGE = `
  exec 3>&1 >/dev/null
  scratch=$(mktemp -d); trap 'rm -r "$scratch"' EXIT; cat > "$scratch/in.tar"
  id=$(podman pull -q "oci-archive:$scratch/in.tar")
  container=$(podman create "$id")
  root=$(podman mount "$container")
  cp "$root/bin/busybox" "$root/bin/busybox-raw"; setcap cap_net_raw+ep "$root/bin/busybox-raw"
  podman umount "$container"; podman commit -q "$container" localhost/m-capable:1; podman rm "$container"
  podman push -q --compression-format zstd --force-compression localhost/m-capable:1 "oci-archive:$scratch/out.tar"
  podman rmi localhost/m-capable:1 "$id"
  cat "$scratch/out.tar" >&3`;

describeHost('the root of a machine', () => {
  test('is made of layers compressed with zstd, and its programs have their capabilities', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bulkhead-image-'));
    const { stdout, stderr, exitCode } = await lab.run(['sh', '-euc', MAKE_IMAGE], await readFile(images().ociArchive));
    expect({ stderr, exitCode }).toMatchObject({ exitCode: 0 });
    writeFileSync(join(directory, 'image.tar'), stdout);
    const deployment = new Deployment('nspawn-test', (host) => {
      const image = Image.ociArchive(join(directory, 'image.tar'));
      new NspawnMachine(host, 'm-capable', { image, command: ['/bin/httpd', '-f'], stopSignal: 'SIGKILL' });
    });
    try {
      await deployment.apply();
      const asNobody = 'exec nsenter --all --setuid 65534 --target "$(machinectl show -P Leader m-capable)" "$@"';
      const effective = ['grep', 'CapEff', '/proc/self/status'];
      expect(await lab.sh(asNobody, '/bin/busybox-raw', ...effective)).toBe('CapEff:\t0000000000002000\n');
      expect(await lab.sh(asNobody, '/bin/busybox', ...effective)).toBe('CapEff:\t0000000000000000\n');
    } finally {
      await deployment.destroy();
      deployment.cleanUp();
      rmSync(directory, { recursive: true });
    }
  });

  test('that is retained outlives it with what was written into it, until it is to be destroyed', async () => {
    const before = await inventory();
    const [kept, gone] = (['retain', 'destroy'] as const).map(
      (removalPolicy) =>
        new Deployment('nspawn-test', (host) => {
          const props = {
            image: Image.tar(images().tar),
            command: ['/bin/sleep', '100000'],
            stopTimeout: '1s',
          } as const;
          new NspawnMachine(host, 'm-kept', { ...props, removalPolicy });
        }),
    );
    const data = '/var/lib/machines/m-kept/data';
    await kept?.apply();
    await lab.sh('echo written > "$1"', data);
    await kept?.destroy();
    expect(await lab.sh('cat "$1"; find /etc/systemd -name "m-kept*"', data)).toBe('written\n');
    await kept?.apply();
    expect(await lab.sh('cat "$1"; systemctl is-active m-kept', data)).toBe('written\nactive\n');
    await gone?.apply();
    await gone?.destroy();
    for (const deployment of [kept, gone]) deployment?.cleanUp();
    expect(await inventory()).toBe(before);
  });
});

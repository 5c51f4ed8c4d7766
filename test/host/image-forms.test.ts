import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ContainerdService,
  DockerService,
  type Host,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  SystemdService,
} from 'bulkhead';
import { startDocker, stopDocker } from './docker/daemon';
import { describeHost, inventory, lab } from './host';
import { MadeImages } from './made-images';
import { Deployment } from './synth';

jest.setTimeout(300_000);

const command = ['/bin/busybox', 'sleep', '1000'];

const services = (image: Image) => (host: Host) => {
  const props = { image, command, stopTimeout: '1s', network: 'none' } as const;
  new DockerService(host, 'f-docker', { ...props, user: 'app' });
  new PodmanService(host, 'f-podman', { ...props, user: 'app' });
  new ContainerdService(host, 'f-containerd', { ...props, user: 'app' });
  new OciService(host, 'f-crun', { ...props, user: 'app' });
  new OciService(host, 'f-runc', { ...props, user: 'app', runtime: 'runc' });
  new IncusInstance(host, 'f-incus', { ...props, user: 'app' });
  new LxdInstance(host, 'f-lxd', { ...props, user: 'app' });
  new LxcContainer(host, 'f-lxc', { ...props, user: 'app' });
  new NspawnMachine(host, 'f-nspawn', props);
  new PortableService(host, 'f-portable', props);
  new SystemdService(host, 'f-systemd', props);
};

/** Who each runs as, in its own numbers, and which image it sees. */
const SEEN = `
of() {
  user=$(awk '$1 == "Uid:" { print $2 }' "/proc/$2/status") group=$(awk '$1 == "Gid:" { print $2 }' "/proc/$2/status")
  read -r inside outside rest < "/proc/$2/uid_map"
  seen=$(nsenter --mount --root --target "$2" /bin/busybox cat /version)
  echo "$1 $((user - outside + inside)):$((group - outside + inside)) $seen"
}
main() { systemctl show -P MainPID "$1"; }
child() { pgrep -P "$(main "$1")" | head -n 1; }
of docker "$(docker inspect -f '{{.State.Pid}}' "$(cat /run/bulkhead/docker/f-docker/container)")"
of podman "$(podman inspect -f '{{.State.Pid}}' f-podman)"
of containerd "$(ctr -n bulkhead tasks list | awk '$1 == "f-containerd" { print $2 }')"
of crun "$(child f-crun)"
of runc "$(child f-runc)"
of incus "$(cat /run/bulkhead/incus/f-incus/pid)"
of lxd "$(cat /run/bulkhead/lxd/f-lxd/pid)"
of lxc "$(lxc-info -n f-lxc -p -H)"
of nspawn "$(machinectl show -P Leader f-nspawn)"
of portable "$(main f-portable)"
of systemd "$(main f-systemd)"`;

describeHost('each form of an image', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bulkhead-forms-'));
  let before: string;

  beforeAll(async () => {
    await startDocker();
    before = await inventory();
    const root = join(dir, 'root');
    mkdirSync(root);
    execFileSync('tar', ['-x', '-C', root], { input: await MadeImages.busybox() });
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\napp:x:1234:1235::/:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\napp:x:1235:\n');
    writeFileSync(join(root, 'version'), 'of directory\n');
    const tar = (name: string, ...args: readonly string[]) => {
      writeFileSync(join(root, 'version'), `of ${name}\n`);
      execFileSync('tar', ['-c', ...args, '-f', join(dir, name), '-C', root, '.']);
    };
    tar('tar');
    tar('tar.xz', '--xz');
    writeFileSync(join(root, 'version'), 'of directory\n');
  });
  afterAll(async () => {
    rmSync(dir, { recursive: true });
    await stopDocker();
  });

  test.each([
    ['directory', () => Image.directory(join(dir, 'root'))],
    ['tar', () => Image.tar(join(dir, 'tar'))],
    ['tar.xz', () => Image.tar(join(dir, 'tar.xz'))],
  ])('runs in every class: %s', async (name, image) => {
    const deployment = new Deployment('forms', services(image()));
    try {
      await deployment.apply();
      const classes = ['docker', 'podman', 'containerd', 'crun', 'runc', 'incus', 'lxd', 'lxc'];
      expect((await lab.sh(SEEN)).trim().split('\n')).toEqual([
        ...classes.map((each) => `${each} 1234:1235 of ${name}`),
        `nspawn 0:0 of ${name}`,
        expect.stringMatching(`^portable .* of ${name}$`),
        expect.stringMatching(`^systemd .* of ${name}$`),
      ]);
      expect(await deployment.differences()).toEqual([]);
    } finally {
      await deployment.destroy();
      deployment.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });
});

import {
  ContainerdService,
  type ContainerProps,
  DockerService,
  Image,
  OciService,
  PodmanService,
  SystemdService,
} from 'bulkhead';
import { startDocker, stopDocker } from './docker/daemon';
import { describeHost, inventory, lab } from './host';
import { MadeImages } from './made-images';
import { Deployment, images } from './synth';

const SCRIPT = `for directory in "$STATE_DIRECTORY" "$RUNTIME_DIRECTORY" "$CACHE_DIRECTORY" "$LOGS_DIRECTORY"; do
  echo of the service > "$directory/file"
done
exec sleep 1000`;
const command = ['sh', '-c', SCRIPT];
const directories = (name: string) => ({
  stateDirectory: name,
  runtimeDirectory: name,
  cacheDirectory: name,
  logsDirectory: name,
});

const LABELS = { 'org.example.a': 'x $Y "z"' };

const CONTAINER: ContainerProps = {
  hostname: 'other.example.org',
  tmpfs: ['/cache:size=1m,mode=1770'],
  ulimits: { nofile: { soft: 100, hard: 200 }, core: 0 },
  shmSize: '3M',
  groups: ['27', '31'],
};

describeHost('props of processes', () => {
  const made = new MadeImages();
  let before: string;
  let deployment: Deployment;

  beforeAll(async () => {
    await startDocker();
    before = await inventory();
    const layer = await MadeImages.busybox();
    await lab.sh('install -m 0640 -g adm /dev/null /srv/of-adm; echo read > /srv/of-adm');
    deployment = new Deployment('props-test', (host) => {
      const read = 'cat /srv/of-adm > "$RUNTIME_DIRECTORY/read"';
      const groups = ['adm', '27'];
      new SystemdService(host, 'w-host', {
        command: ['/bin/sh', '-c', `${read}; ${SCRIPT}`],
        ...directories('w-host'),
        group: 'games',
        groups,
        umask: '0027',
      });
      new SystemdService(host, 'w-image', { image: made.of([layer]), command, ...directories('w-image'), groups });
      const image = Image.ociArchive(images().ociArchive);
      const props = { ...CONTAINER, image, command: ['sleep', '1000'], stopTimeout: '1s' } as const;
      const ofEngine = { ...props, labels: LABELS, devices: ['/dev/fuse'] };
      new PodmanService(host, 'w-podman', ofEngine);
      new DockerService(host, 'w-docker', ofEngine);
      new ContainerdService(host, 'w-containerd', props);
      new OciService(host, 'w-crun', props);
      new OciService(host, 'w-runc', { ...props, runtime: 'runc' });
    });
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    made.cleanUp();
    await lab.sh(`rm -f /srv/of-adm
      for parent in /var/lib /var/cache /var/log; do
        for name in w-host w-image; do rm -rf "$parent/private/$name" "$parent/$name"; done
      done`);
    const after = await inventory();
    await stopDocker();
    expect(after).toBe(before);
  });

  const status = (unit: string, key: string) =>
    lab.sh(`sed -n "s/^$2:[[:space:]]*//p" "/proc/$(systemctl show -P MainPID "$1")/status"`, unit, key);
  const numberOf = (group: string) => lab.sh('getent group "$1" | cut -d : -f 3', group).then((text) => text.trim());

  test('plans after them are empty', async () => {
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  test('a program has its group, its further groups and its umask', async () => {
    expect(new Set((await status('w-host', 'Gid')).trim().split(/\s+/))).toEqual(new Set([await numberOf('games')]));
    const groups = (await status('w-host', 'Groups')).trim().split(/\s+/);
    expect(groups).toEqual(expect.arrayContaining([await numberOf('adm'), '27']));
    expect(await status('w-host', 'Umask')).toBe('0027\n');
    expect(await lab.sh('cat /run/w-host/read; stat -c "%a %G" /run/w-host/read')).toBe('read\n640 games\n');
    expect((await status('w-image', 'Groups')).trim().split(/\s+/)).toEqual(expect.arrayContaining(['27']));
  });

  test.each(['w-host', 'w-image'])('%s writes to its directories, which nobody else can open', async (name) => {
    for (const parent of ['/var/lib', '/run', '/var/cache', '/var/log'])
      expect(await lab.sh('cat "$1/file"; stat -L -c %a "$1"', `${parent}/${name}`)).toBe('of the service\n700\n');
  });

  test('a directory below /run goes with its service, and the others stay', async () => {
    await lab.sh('systemctl stop w-host');
    expect(await lab.sh('ls -d /run/w-host /var/lib/w-host /var/cache/w-host /var/log/w-host 2>/dev/null || :')).toBe(
      '/var/cache/w-host\n/var/lib/w-host\n/var/log/w-host\n',
    );
    await deployment.apply();
    expect(await lab.sh('cat /run/w-host/file')).toBe('of the service\n');
  });

  describe.each([
    ['podman', 'echo w-podman'],
    ['docker', 'cat /run/bulkhead/docker/w-docker/container'],
  ])('a container of %s', (engine, name) => {
    const inside = (script: string) => lab.sh(`${engine} exec "$(${name})" sh -c "$1"`, script);

    test('has its labels', async () => {
      const labels = await lab.sh(`${engine} inspect -f '{{json .Config.Labels}}' "$(${name})"`);
      expect(JSON.parse(labels)).toMatchObject(LABELS);
    });

    test('opens its device', async () => {
      expect(await inside('test -c /dev/fuse && : <>/dev/fuse && echo open')).toBe('open\n');
    });
  });

  describe.each([
    ['w-podman', 'podman exec w-podman'],
    ['w-docker', 'docker exec "$(cat /run/bulkhead/docker/w-docker/container)"'],
    ['w-containerd', 'runc --root /run/containerd/runc/bulkhead exec w-containerd'],
    ['w-crun', 'crun --root /run/bulkhead-oci/w-crun/state exec w-crun'],
    // runc exec can't enter a network namespace that belongs to other users than the container's.
    [
      'w-runc',
      `nsenter --all --target "$(runc --root /run/bulkhead-oci/w-runc/state state w-runc | sed -n 's/^ *"pid": *\\([0-9]*\\).*/\\1/p')"`,
    ],
  ])('%s', (_, enter) => {
    const inside = (script: string) => lab.sh(`${enter} sh -c "$1"`, script);

    test('has its hostname', async () => {
      expect(await inside('hostname')).toBe('other.example.org\n');
    });

    test('has its memory to write to, and its shared memory', async () => {
      const mounts = await inside('cat /proc/mounts');
      expect(mounts).toMatch(/^tmpfs \/cache tmpfs .*size=1024k,mode=1770/m);
      expect(mounts).toMatch(/^\S+ \/dev\/shm tmpfs .*size=3072k/m);
    });

    test('has its limits and its groups', async () => {
      const limits = await inside('cat /proc/1/limits');
      expect(limits).toMatch(/^Max open files +100 +200 /m);
      expect(limits).toMatch(/^Max core file size +0 +0 /m);
      const groups = await inside('sed -n "s/^Groups:[[:space:]]*//p" /proc/1/status');
      expect(groups.trim().split(/\s+/)).toEqual(expect.arrayContaining(['27', '31']));
    });
  });
});

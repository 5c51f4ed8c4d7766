import { Directory, type Host, Image, IncusInstance, LxcContainer, LxdInstance, NspawnMachine, Secret } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

/** Device nodes that every user of the practice host can use, and one that only root can use. */
const OPEN = ['/dev/fuse', '/dev/net/tun'];
const OF_ROOT = '/dev/loop-control';

jest.setTimeout(240_000);

const FIRST = {
  hostname: 'other.example.org',
  tmpfs: ['/new', '/new/cache:size=1m,mode=1770'],
  ulimits: { nofile: { soft: 100, hard: 200 }, core: 0, memlock: 65_536, fsize: -1, cpu: { soft: 7200, hard: -1 } },
  shmSize: '1M',
} as const;
const CHANGED = {
  hostname: 'changed',
  tmpfs: ['/new', '/more:size=2m'],
  ulimits: { nofile: 150 },
  shmSize: '2M',
} as const;

const services =
  (changing: typeof FIRST | typeof CHANGED) =>
  (host: Host): void => {
    const secret = new Secret(host, 'k-secret', { generate: {} });
    const source = new Directory(host, 'k-data', { path: '/srv/k-data' });
    const props = {
      image: Image.ociArchive(images().ociArchive),
      ...changing,
      devices: OPEN,
      secrets: [secret],
      volumes: [{ source, target: '/new/deep/data' }],
      expose: [80],
      stopTimeout: '1s',
    } as const;
    const reaches = [
      new NspawnMachine(host, 'k-machine', { ...props, ephemeral: true }),
      new NspawnMachine(host, 'k-shared', {
        ...props,
        devices: [...OPEN, OF_ROOT],
        privateUsers: false,
        ephemeral: true,
      }),
      new LxcContainer(host, 'k-lxc', { ...props, tmpfs: ['/run', ...props.tmpfs] }),
      new LxcContainer(host, 'k-root', {
        ...props,
        devices: [...OPEN, OF_ROOT],
        privileged: true,
        readOnlyRoot: false,
        groups: ['27', '28'],
      }),
      new IncusInstance(host, 'k-incus', { ...props, devices: [...OPEN, OF_ROOT] }),
      new LxdInstance(host, 'k-lxd', { ...props, devices: [...OPEN, OF_ROOT], readOnlyRoot: true }),
      new LxdInstance(host, 'k-users', {
        ...props,
        devices: [...OPEN, OF_ROOT],
        readOnlyRoot: true,
        privateUsers: false,
        groups: ['27', '28'],
      }),
    ];
    const command = ['sleep', '1000'];
    new LxcContainer(host, 'k-client', { image: props.image, command, reaches, hostname: 'client', stopTimeout: '1s' });
  };

/** Each service, what runs it, and whether it can open a device node that only root of the host can use. */
const SERVICES = [
  ['k-machine', 'nspawn', false],
  ['k-shared', 'nspawn', true],
  ['k-lxc', 'lxc', false],
  ['k-root', 'lxc', true],
  ['k-incus', 'incus', true],
  ['k-lxd', 'lxd', true],
  ['k-users', 'lxd', true],
] as const;

/** Runs a script in a container or machine, as its root. */
const ENTER = {
  nspawn: 'exec nsenter --all --target "$(machinectl show -P Leader "$0")" sh -c "$1"',
  lxc: 'exec lxc-attach -n "$0" --clear-env -- /bin/sh -c "$1"',
  incus: 'exec incus exec "$0" -- /bin/sh -c "$1"',
  // The client of LXD has lost the output of a command that ended at once.
  lxd: 'exec lxc exec "$0" -- /bin/sh -c "trap \\"sleep 0.2\\" EXIT; $1"',
};

describeHost('props of machines, containers of LXC, and instances', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    deployment = new Deployment('machine-props', services(FIRST));
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh('rm -rf /srv/k-data');
    expect(await inventory()).toBe(before);
  });

  test('two plans after an apply are empty', async () => {
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  describe.each(SERVICES)('%s', (name, runtime, opensNodesOfRoot) => {
    const inside = (script: string) => lab.sh(`sh -c '${ENTER[runtime]}' "$1" "$2"`, name, script);

    test('has its hostname, and others reach it by its name', async () => {
      expect(await inside('hostname')).toBe('other.example.org\n');
      const asked = await lab.sh(
        'lxc-attach -n k-client --clear-env -- /bin/sh -c "hostname; wget -q -O - $1"',
        `http://${name}/`,
      );
      expect(asked).toBe('client\n<h1>It works</h1>\n');
    });

    test('has its directories in memory, with its secrets and volumes below them', async () => {
      const mounts = await inside('cat /proc/mounts');
      expect(mounts).toMatch(/^tmpfs \/new\/cache tmpfs rw,nosuid,nodev.*size=1024k.*mode=1770/m);
      expect(await inside('stat -c "%a %u" /new /new/cache')).toBe('1777 0\n1770 0\n');
      expect(await inside('echo x > /new/cache/x; cat /new/cache/x; test -s /run/secrets/k-secret && echo read')).toBe(
        'x\nread\n',
      );
      await inside(`echo ${name} > /new/deep/data/file`);
      expect(await lab.sh('cat /srv/k-data/file; stat -c %u /srv/k-data/file')).toBe(`${name}\n0\n`);
    });

    test('has the shared memory of its size', async () => {
      expect(await inside('grep " /dev/shm " /proc/mounts | tail -n 1')).toMatch(/ rw,nosuid,nodev.*size=1024k/);
      expect(await inside('stat -c %a /dev/shm')).toBe('1777\n');
    });

    test('has its limits', async () => {
      const limits = await inside('cat /proc/1/limits');
      expect(limits).toMatch(/^Max open files +100 +200 /m);
      expect(limits).toMatch(/^Max core file size +0 +0 /m);
      expect(limits).toMatch(/^Max locked memory +65536 +65536 /m);
      expect(limits).toMatch(/^Max cpu time +7200 +unlimited /m);
      expect(limits).toMatch(/^Max file size +unlimited +unlimited /m);
    });

    test('opens its devices', async () => {
      const open = (device: string) => inside(`test -c ${device} && : <>${device} && echo open`);
      for (const device of OPEN) expect(await open(device)).toBe('open\n');
      if (opensNodesOfRoot) expect(await open(OF_ROOT)).toBe('open\n');
      else await expect(open(OF_ROOT)).rejects.toThrow();
    });
  });

  test.each([
    ['k-root', 'lxc'],
    ['k-users', 'lxd'],
  ] as const)('%s is a member of its groups', async (name, runtime) => {
    const script = 'grep Groups: /proc/1/status';
    expect(await lab.sh(`sh -c '${ENTER[runtime]}' "$1" "$2"`, name, script)).toBe('Groups:\t27 28 \n');
  });

  test('a change of them is applied', async () => {
    deployment.cleanUp();
    deployment = new Deployment('machine-props', services(CHANGED));
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    const script =
      'hostname; grep -c "open files *150 *150 " /proc/1/limits; [ ! -e /new/cache ]; df -k /more /dev/shm | tail -n 2 | tr -s " " | cut -d " " -f 2';
    for (const [name, runtime] of SERVICES)
      expect([name, await lab.sh(`sh -c '${ENTER[runtime]}' "$1" "$2"`, name, script)]).toEqual([
        name,
        'changed\n1\n2048\n2048\n',
      ]);
  });
});

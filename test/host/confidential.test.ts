import { type Host, Image, NspawnMachine, PodmanService, SystemdNetdev, SystemdService, User } from 'bulkhead';
import { describeHost, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

const environment = { TOKEN: 'hunter2' };

describeHost('what a service has for itself alone', () => {
  let stack: Deployment;
  beforeAll(async () => {
    stack = new Deployment('co-stack', (host: Host) => {
      const image = Image.ociArchive(images().ociArchive);
      const rootless = new User(host, 'co-user');
      // The practice host may be one with control groups v1, where users have none of their own.
      const directives = { Container: { CgroupsMode: 'disabled' } } as const;
      new SystemdService(host, 'co-unit', { command: ['/usr/bin/sleep', 'infinity'], environment });
      new PodmanService(host, 'co-box', { image, stopTimeout: '1s', environment });
      new PodmanService(host, 'co-rootless', { image, stopTimeout: '1s', environment, rootless, directives });
      new NspawnMachine(host, 'co-machine', { image, stopTimeout: '1s', environment });
      new SystemdNetdev(host, 'co-dev', { directives: { NetDev: { Name: 'codev', Kind: 'bridge' } } });
    });
    await stack.apply();
  });
  afterAll(async () => {
    await stack.destroy();
    stack.cleanUp();
  });

  const files = () => stack.manifests.flatMap((manifest) => Object.keys(manifest.files));

  test('runs with it, and a second plan is empty', async () => {
    expect(await stack.differences()).toEqual([]);
    expect(
      await lab.sh(`
        tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID co-unit)/environ | grep TOKEN
        podman exec co-box env | grep TOKEN
        tr '\\0' '\\n' < /proc/$(machinectl show -P Leader co-machine)/environ | grep TOKEN
        ls -d /sys/class/net/codev`),
    ).toBe('TOKEN=hunter2\nTOKEN=hunter2\nTOKEN=hunter2\n/sys/class/net/codev\n');
  });

  test('is in no file that others can read, on the host or on this machine', async () => {
    expect(files().length).toBeGreaterThan(5);
    const search = 'setpriv --reuid=nobody --regid=nogroup --clear-groups grep -lr hunter2 "$@" 2>/dev/null || true';
    expect(await lab.sh(search, ...files())).toBe('');
    expect(await lab.sh('grep -l hunter2 "$@"', ...files())).not.toBe('');
    const netdev = files().find((path) => path.endsWith('.netdev')) ?? '';
    expect(await lab.sh('stat -c "%a %U:%G" "$1"', netdev)).toBe('640 root:systemd-network\n');
  });
});

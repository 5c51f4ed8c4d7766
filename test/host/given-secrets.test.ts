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
  Secret,
  SystemdService,
} from 'bulkhead';
import { startDocker, stopDocker } from './docker/daemon';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(300_000);

type Common = ReturnType<typeof common>;

/** A program that opens the file of a secret, and can be told from others by what it waits for. */
const common = (secrets: readonly Secret[], token: Secret, index: number) => ({
  image: Image.ociArchive(images().ociArchive),
  command: ['/bin/sh', '-c', 'exec /bin/sleep "$0" <"$TOKEN_FILE"', String(987_000 + index)],
  stopTimeout: '1s' as const,
  environment: { TOKEN_FILE: token },
  secrets,
});

const USER = { user: '1000' };
const LOADED: readonly (readonly [string, (host: Host, name: string, props: Common) => unknown])[] = [
  ['unit', (host, name, { image: _, ...props }) => new SystemdService(host, name, props)],
  ['in-image', (host, name, props) => new SystemdService(host, name, props)],
  ['portable', (host, name, props) => new PortableService(host, name, props)],
];
const MOUNTED: readonly (readonly [string, (host: Host, name: string, props: Common) => unknown])[] = [
  ['podman', (host, name, props) => new PodmanService(host, name, { ...props, ...USER })],
  ['docker', (host, name, props) => new DockerService(host, name, { ...props, ...USER })],
  ['containerd', (host, name, props) => new ContainerdService(host, name, { ...props, ...USER })],
  ['crun', (host, name, props) => new OciService(host, name, { ...props, ...USER })],
  ['runc', (host, name, props) => new OciService(host, name, { ...props, ...USER, runtime: 'runc' })],
  ['of-host', (host, name, props) => new OciService(host, name, { ...props, ...USER, privateUsers: false })],
  ['machine', (host, name, props) => new NspawnMachine(host, name, props)],
  ['lxc', (host, name, props) => new LxcContainer(host, name, { ...props, ...USER })],
  ['lxc-root', (host, name, props) => new LxcContainer(host, name, { ...props, ...USER, privileged: true })],
  ['lxd', (host, name, props) => new LxdInstance(host, name, { ...props, ...USER })],
  ['incus', (host, name, props) => new IncusInstance(host, name, { ...props, ...USER })],
];
const ALL = [...LOADED, ...MOUNTED];

describeHost('a secret that is given', () => {
  let stack: Deployment;
  let before: string;
  let value: string;

  beforeAll(async () => {
    await startDocker();
    before = await inventory();
    stack = new Deployment('gs-stack', (host) => {
      const token = new Secret(host, 'token', { generate: {} });
      const sealed = new Secret(host, 'sealed', { generate: {}, encrypted: true });
      for (const [index, [name, make]] of ALL.entries()) {
        const secrets = index < LOADED.length ? [token, sealed] : [token];
        make(host, `gs-${name}`, common(secrets, token, index));
      }
    });
    await stack.apply();
    value = await lab.sh('cat /var/lib/bulkhead-secrets/generated/token.gs-stack');
  });
  afterAll(async () => {
    stack.cleanUp();
    await stopDocker();
  });

  const waitsFor = (name: string) => String(987_000 + ALL.findIndex(([other]) => other === name));

  /** Reads a file as the program of a service does, by a number or as the user that it has on the host. */
  const read = (name: string, path: string, user = '') =>
    lab.sh(
      `pid=$(pgrep -xf "/bin/sleep $1")
      user=\${3:-$(stat -c %u "/proc/$pid")}
      nsenter --all -t "$pid" -S "$user" -G "$user" /bin/cat "$2"`,
      waitsFor(name),
      path,
      user,
    );

  test('is the same for all, and a second plan is empty', async () => {
    expect(value).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(await stack.differences()).toEqual([]);
  });

  test.each(ALL.map(([name]) => name))('to %s is a file that its program finds by a variable', async (name) => {
    const opened = lab.sh('cat "/proc/$(pgrep -xf "/bin/sleep $1")/fd/0"', waitsFor(name));
    expect(await opened).toBe(value);
  });

  test.each(LOADED.map(([name]) => name))('to %s is a credential of its user', async (name) => {
    expect(await read(name, `/run/credentials/gs-${name}.service/token`)).toBe(value);
  });

  test.each(LOADED.map(([name]) => name))('to %s may lie encrypted on the host', async (name) => {
    const held = await lab.sh('cat /var/lib/bulkhead-secrets/generated/sealed.gs-stack');
    expect(await read(name, `/run/credentials/gs-${name}.service/sealed`)).toBe(held);
    expect(await lab.sh('cat "/var/lib/bulkhead-secrets/values/gs-$1/sealed"', name)).not.toContain(held);
  });

  test.each(MOUNTED.map(([name]) => name))('to %s is a file of its user, and of nobody else', async (name) => {
    const [reader, other] = name === 'machine' ? ['0', '1000'] : ['1000', '1001'];
    expect(await read(name, '/run/secrets/token', reader)).toBe(value);
    await expect(read(name, '/run/secrets/token', other)).rejects.toThrow('Permission denied');
  });

  test('is gone with the last of them', async () => {
    await stack.destroy();
    expect(await inventory()).toBe(before);
    expect(await lab.sh('ls -d /var/lib/bulkhead-secrets 2>/dev/null || :')).toBe('');
  });
});

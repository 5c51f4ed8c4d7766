import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Host,
  type Image,
  MachineImage,
  NspawnMachine,
  PodmanService,
  PodmanVolume,
  User,
  VirtualMachine,
} from 'bulkhead';
import { Lab } from '../../lib/lab';
import { tarOf } from '../archives/made-tar';
import { EitherStack } from './either';
import { describeHost, inventory, lab } from './host';
import { MadeImages } from './made-images';

jest.setTimeout(600_000);

/** A version that serves a page, one whose program ends, or one that never serves a page. */
type Version = 'one' | 'two' | 'broken' | 'stuck';

/** What the versions are made of. */
interface Made {
  readonly images: Readonly<Record<Version, Image>>;
  /** Paths of the initrds of the virtual machine. */
  readonly initrds: Readonly<Record<Version, string>>;
}

const PORTS = { 'k-rootless': 8621, 'k-shared': 8622, 'k-guest': 8623 } as const;
type Name = keyof typeof PORTS;
const NAMES = Object.keys(PORTS) as Name[];
const ALL_ONE = { 'k-rootless': 'one', 'k-shared': 'one', 'k-guest': 'one' };
const ALL_TWO = { 'k-rootless': 'two', 'k-shared': 'two', 'k-guest': 'two' };

const DATA = '/srv/rollback-kinds';
const HOME_VOLUME = '/home/k-user/.local/share/containers/storage/volumes/k-files/_data';

const START = {
  good: 'exec httpd -f -p 80 -h /www\n',
  broken: 'sleep 2\necho "the disk is full" >&2\nexit 7\n',
};

/** A rootless service, a machine on a shared image, and a virtual machine. Each runs what its image says. */
const app =
  ({ images, initrds }: Made, versionOf: (name: Name) => Version) =>
  (host: Host): void => {
    const command = ['/bin/sh', '/start'] as const;
    const health = { http: 'http://localhost/', interval: '200ms' } as const;
    const ports = (name: Name) => [`${PORTS[name]}:80`] as const;

    const rootless = new User(host, 'k-user');
    const files = new PodmanVolume(host, 'k-files', { rootless, removalPolicy: 'destroy' });
    new PodmanService(host, 'k-rootless', {
      rootless,
      image: images[versionOf('k-rootless')],
      command,
      health: { ...health, timeout: '20s' },
      ports: ports('k-rootless'),
      volumes: [{ source: files, target: '/data' }],
      stopTimeout: '1s',
      // The practice host may be one with control groups v1, where users have none of their own.
      directives: { Container: { CgroupsMode: 'disabled' } },
    });

    const base = new MachineImage(host, 'k-base', { image: images[versionOf('k-shared')] });
    new NspawnMachine(host, 'k-shared', {
      image: base,
      readOnlyRoot: true,
      command,
      health: { ...health, timeout: '20s' },
      ports: ports('k-shared'),
      volumes: [`${DATA}/k-shared:/data`],
      stopTimeout: '1s',
    });

    const guest = versionOf('k-guest');
    new VirtualMachine(host, 'k-guest', {
      kernel: Lab.guest().kernel,
      initrd: initrds[guest],
      image: images[guest],
      command,
      memory: '128M',
      health: { ...health, timeout: guest === 'stuck' ? '5s' : '3min' },
      restart: 'no',
      ports: ports('k-guest'),
      volumes: [`${DATA}/k-guest:/data`],
      stopTimeout: '5s',
    });
  };

describeHost('a change that fails', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-initrds-'));
  const archives = new MadeImages();
  let made: Made;
  let before: string;
  let stack: EitherStack;

  beforeAll(async () => {
    const busybox = await MadeImages.busybox();
    const image = (page: string, start: string) =>
      archives.of([
        busybox,
        tarOf([
          { path: 'data', flag: '5', mode: 0o755 },
          { path: 'www/index.html', content: page },
          { path: 'start', content: start },
        ]),
      ]);
    const [one, two, broken] = [image('one', START.good), image('two', START.good), image('two', START.broken)];
    const { initrd } = Lab.guest();
    const file = (name: string, content: Buffer) => {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    };
    // A kernel skips zeros after an initrd.
    const padded = file('padded', Buffer.concat([readFileSync(initrd), Buffer.alloc(4096)]));
    const initrds = { one: initrd, two: padded, broken: initrd, stuck: file('damaged', Buffer.from('no initrd')) };
    made = { images: { one, two, broken, stuck: two }, initrds };
    before = await inventory();
    await lab.sh(`mkdir -p ${DATA}/k-shared ${DATA}/k-guest`);
    stack = new EitherStack('rollback-kinds', 'bulkhead apply');
  });
  afterAll(async () => {
    await stack.destroy();
    await lab.sh(`rm -rf ${DATA}`);
    archives.cleanUp();
    rmSync(directory, { recursive: true });
    expect(await inventory()).toBe(before);
  });

  const answer = async (name: Name) =>
    (await lab.sh('curl -s -m 5 "http://127.0.0.1:$1/" || true', String(PORTS[name]))).trim();
  const answers = async () =>
    Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await answer(name)])));
  const checksum = () => lab.sh(`find ${DATA} ${HOME_VOLUME} -type f | sort | xargs sha256sum`);

  async function succeed(versionOf: (name: Name) => Version): Promise<void> {
    const { exitCode, output } = await stack.deploy(app(made, versionOf));
    if (exitCode !== 0) throw new Error(output);
    expect(await stack.differences()).toBe('');
  }

  async function fail(versionOf: (name: Name) => Version): Promise<string> {
    const { exitCode, output } = await stack.deploy(app(made, versionOf));
    expect(exitCode).toBe(1);
    expect(await answers()).toEqual(ALL_ONE);
    return output;
  }

  async function rollBack(...names: readonly string[]): Promise<void> {
    const { exitCode, output } = await stack.command('rollback', ...names, '--auto-approve');
    if (exitCode !== 0) throw new Error(output);
  }

  test('is undone for rootless services, machines on a shared image and virtual machines', async () => {
    await succeed(() => 'one');
    expect(await answers()).toEqual(ALL_ONE);
    await lab.sh(`for directory in ${DATA}/k-shared ${DATA}/k-guest ${HOME_VOLUME}; do
      head -c 100000 /dev/urandom > $directory/data
    done`);
    const data = await checksum();

    const broken = await fail(() => 'broken');
    for (const name of NAMES) expect(broken).toContain(`${name} runs its previous version again`);
    expect(broken).toContain('k-base has its previous version again');
    const differences = await stack.differences();
    for (const name of [...NAMES, 'k-base']) expect(differences).toContain(name);

    const stuck = await fail((name) => (name === 'k-guest' ? 'stuck' : 'one'));
    expect(stuck).toContain('Not healthy within 5 s');
    expect(stuck).toContain('k-guest runs its previous version again');
    expect(await checksum()).toBe(data);

    // What was wanted before is what is there.
    await succeed(() => 'one');
  });

  test('can be undone by hand, with the image that a machine shares', async () => {
    await succeed(() => 'two');
    expect(await answers()).toEqual(ALL_TWO);
    const data = await checksum();

    await rollBack('k-base');
    expect(await answers()).toEqual({ ...ALL_TWO, 'k-shared': 'one' });
    await succeed(() => 'two');
    expect(await answers()).toEqual(ALL_TWO);

    await rollBack(...NAMES);
    expect(await answers()).toEqual(ALL_ONE);
    expect(await checksum()).toBe(data);
    const differences = await stack.differences();
    for (const name of [...NAMES, 'k-base']) expect(differences).toContain(name);
  });
});

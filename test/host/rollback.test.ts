import type { Image } from 'bulkhead';
import { tarOf } from '../archives/made-tar';
import { EitherStack, RENDERINGS } from './either';
import { inventory, lab } from './host';
import { MadeImages } from './made-images';
import { answers, app, checksum, DATA, NAMES, type Name, type Page, type Wrong, watch } from './rollback-app';
import { type Build, describeTerraformOnHost } from './stack';

jest.setTimeout(900_000);

/** The longest that a service may be away which fails, is waited for, and goes back, in ms. */
const LONGEST_GAP = 90_000;

describeTerraformOnHost('a change that fails', () => {
  const made = new MadeImages();
  let images: Readonly<Record<Page, Image>>;
  let before: string;
  let stack: EitherStack;

  beforeAll(async () => {
    const busybox = await MadeImages.busybox();
    const version = (content: string) => made.of([busybox, tarOf([{ path: 'www/index.html', content }])]);
    images = { one: version('one'), two: version('two') };
    before = await inventory();
  });
  beforeEach(() => lab.sh(`mkdir -p ${[...NAMES].map((name) => `${DATA}/${name}`).join(' ')}`));
  afterEach(async () => {
    await stack.destroy();
    await lab.sh(`rm -rf ${DATA}`);
    expect(await inventory()).toBe(before);
  });
  afterAll(() => made.cleanUp());

  const all = (page: string) => Object.fromEntries(NAMES.map((name) => [name, page]));
  const runs = async () => (await lab.sh(`wc -l < ${DATA}/runs`)).trim();

  async function succeed(build: Build): Promise<void> {
    const { exitCode, output } = await stack.deploy(build);
    if (exitCode !== 0) throw new Error(output);
  }

  /** Deploys a change of one service that fails, and says what was seen. */
  async function fail(changed: Name | 'r-migrate', wrong: Wrong) {
    const gaps = watch();
    const { exitCode, output } = await stack.deploy(app(images, (name) => (name === changed ? 'two' : 'one'), wrong));
    expect(exitCode).not.toBe(0);
    expect(await answers()).toEqual(all('one'));
    const longest = [...(await gaps())].map(([name, ms]) => `${name} ${ms} ms`).join(', ');
    process.stdout.write(`longest gaps when ${changed} fails: ${longest}\n`);
    for (const gap of (await gaps()).values()) expect(gap).toBeLessThan(LONGEST_GAP);
    return output;
  }

  test.each(RENDERINGS)('is undone by %s, whatever the runtime', async (rendering) => {
    stack = new EitherStack('rollback', rendering);
    const wanted = app(images, () => 'one');
    await succeed(wanted);
    await lab.sh(`for name in ${NAMES.join(' ')}; do head -c 100000 /dev/urandom > ${DATA}/$name/data; done
      head -c 1000 /dev/urandom > /var/lib/machines/r-nspawn/root/written
      podman exec r-podman sh -c 'echo data > /files/data'`);
    expect(await answers()).toEqual(all('one'));
    const data = await checksum();

    const unhealthy = await fail('r-podman', { neverHealthy: 'r-podman' });
    expect(unhealthy).toContain('Cannot start r-podman.service');
    expect(unhealthy).toContain('r-podman runs its previous version again');
    expect(await stack.differences()).toContain('r-podman');

    const crashed = await fail('r-oci', { crashes: 'r-oci' });
    expect(crashed).toMatch(/it ended with exit code 7.*, expected it to stay up: the disk is full/);
    expect(crashed).toContain('r-oci runs its previous version again');
    expect(await stack.differences()).toContain('r-oci');

    const root = await fail('r-nspawn', { neverHealthy: 'r-nspawn' });
    expect(root).toContain('r-nspawn runs its previous version again');

    const migrated = await fail('r-migrate', { migrationFails: true });
    expect(migrated).toContain('it ended with exit code 3, expected it to end with exit code 0: no such column');
    expect(migrated).toContain('r-migrate has its previous version again');
    expect(await runs()).toBe('2');
    expect(await stack.differences()).toContain('r-migrate');
    expect(await checksum()).toBe(data);

    // What was wanted before is what is there.
    await succeed(wanted);
    expect(await stack.differences()).toBe('');
    expect(await runs()).toBe('2');

    await succeed(app(images, () => 'two'));
    expect(await answers()).toEqual(all('two'));
    const { output: history } = await stack.command('history', 'r-oci');
    expect(history).toMatch(/r-oci +2 .* runs .*\n +1 .* kept/);
    expect(history.match(/ runs /g)).toHaveLength(1);
    const back = await stack.command('rollback', ...NAMES, '--auto-approve');
    expect(back).toMatchObject({ exitCode: 0 });
    expect(await answers()).toEqual(all('one'));
    expect(await checksum()).toBe(data);
    const differences = await stack.differences();
    for (const name of NAMES) expect(differences).toContain(name);
    const none = await stack.command('rollback', 'r-oci', '--auto-approve');
    expect(none.exitCode).toBe(1);
    expect(none.output).toContain('the host keeps no previous version');
    await succeed(app(images, () => 'two'));
    expect(await answers()).toEqual(all('two'));
    expect(await stack.differences()).toBe('');
  });
});

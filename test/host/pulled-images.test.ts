import {
  ContainerdService,
  type Host,
  Image,
  NspawnMachine,
  OciService,
  PortableService,
  SystemdService,
} from 'bulkhead';
import { apply, observe, planService } from '../../lib/engine';
import { record, tarOf } from '../archives/made-tar';
import { describeHost, host, inventory, lab } from './host';
import { layerOf, MadeImages } from './made-images';
import { REGISTRY, registry } from './registry';
import { Deployment } from './synth';

jest.setTimeout(300_000);

const REFERENCE = `${REGISTRY}/shop/web:1`;

/** One service of each class that has no client for registries. */
const services = (reference: string) => (host: Host) => {
  const image = Image.oci(reference);
  const command = ['/bin/busybox', 'sleep', '1000'];
  const props = { image, command, stopTimeout: '1s', network: 'none' } as const;
  new SystemdService(host, 'p-systemd', { ...props, volumes: ['/etc/hostname:/made/for/this:ro'] });
  new PortableService(host, 'p-portable', props);
  new OciService(host, 'p-oci', { ...props, user: '1000' });
  new ContainerdService(host, 'p-containerd', props);
  new NspawnMachine(host, 'p-nspawn', props);
};

/** What the service sees in a file of its image. */
const VERSIONS = `
of() { printf '%s ' "$1"; nsenter --mount --root --target "$2" /bin/busybox cat /version; echo; }
child() { pgrep -P "$(systemctl show -P MainPID "$1")" | head -n 1; }
of systemd "$(systemctl show -P MainPID p-systemd)"
of portable "$(systemctl show -P MainPID p-portable)"
of oci "$(child p-oci)"
of containerd "$(ctr -n bulkhead tasks list | awk '$1 == "p-containerd" { print $2 }')"
of nspawn "$(machinectl show -P Leader p-nspawn)"`;

const all = (version: string) =>
  ['systemd', 'portable', 'oci', 'containerd', 'nspawn'].map((name) => `${name} ${version}\n`).join('');

describeHost('images that the host pulls', () => {
  const made = new MadeImages();
  let before: string;
  let busybox: Buffer;
  let deployment: Deployment | undefined;
  const imageOf = (version: string) => made.of([busybox, tarOf([{ path: 'version', content: version }])]);
  const deploy = (reference: string) => {
    deployment = new Deployment('pulled', services(reference));
    return deployment;
  };
  /** What a plan says, after asking registries about tags. */
  const checked = async ({ manifests }: Deployment) => {
    const state = await observe(host(), { services: [], manifests, checkTags: true });
    return manifests.map((manifest) => planService(state, manifest));
  };

  beforeAll(async () => {
    before = await inventory();
    busybox = await MadeImages.busybox();
    await registry.start();
  });
  afterEach(async () => {
    await deployment?.destroy();
    deployment?.cleanUp();
    deployment = undefined;
  });
  afterAll(async () => {
    await registry.stop();
    made.cleanUp();
    expect(await inventory()).toBe(before);
  });

  test('each class runs it; a tag that moves shows on request, and is followed on request', async () => {
    const first = await registry.push(imageOf('one'), REFERENCE);
    const pulled = deploy(REFERENCE);
    await pulled.apply();
    expect(await lab.sh(VERSIONS)).toBe(all('one'));
    expect(await pulled.differences()).toEqual([]);
    expect((await checked(pulled)).flatMap(({ steps }) => steps)).toEqual([]);

    const second = await registry.push(imageOf('two'), REFERENCE);
    expect(await pulled.differences()).toEqual([]);
    await pulled.apply();
    expect(await lab.sh(VERSIONS)).toBe(all('one'));
    const moved = `is ${first.slice(0, 19)}, and ${REFERENCE} is ${second.slice(0, 19)} by now`;
    for (const { name, steps } of await checked(pulled)) {
      if (name === 'p-nspawn-network') continue;
      expect(`${name}: ${steps.map(({ verb, reason }) => `${verb}: ${reason}`).join('; ')}`).toContain(
        `load: ${moved}`,
      );
    }
    const { manifests, asset } = pulled;
    const errors = await apply(host(), { manifests, remove: [] }, { asset, checkTags: true });
    expect([...errors.values()].filter(Boolean)).toEqual([]);
    expect(await lab.sh(VERSIONS)).toBe(all('two'));
    expect((await checked(pulled)).flatMap(({ steps }) => steps)).toEqual([]);
    // What was replaced goes with what comes next.
    await registry.push(imageOf('three'), REFERENCE);
    await apply(host(), { manifests, remove: [] }, { asset, checkTags: true });
    expect(await lab.sh(VERSIONS)).toBe(all('three'));
    expect(await lab.sh('ls /var/lib/bulkhead/images/layers | wc -l')).toBe('2\n');
  });

  test('one with a digest stays as it is', async () => {
    const digest = await registry.push(imageOf('one'), REFERENCE);
    const pulled = deploy(`${REGISTRY}/shop/web:1@${digest}`);
    await registry.push(imageOf('two'), REFERENCE);
    await pulled.apply();
    expect(await lab.sh(VERSIONS)).toBe(all('one'));
    expect((await checked(pulled)).flatMap(({ steps, obstacles }) => [...steps, ...obstacles])).toEqual([]);
  });

  test('what the registry does not have is an error that says so, and nothing is left', async () => {
    const there = await inventory();
    const errors = await apply(
      host(),
      { manifests: deploy(`${REGISTRY}/shop/none:1`).manifests, remove: [] },
      { asset: String },
    );
    expect(errors.size).toBe(5);
    for (const error of errors.values())
      expect(String(error)).toMatch(/Cannot pull 127\.0\.0\.1:5000\/shop\/none:1 .*manifest unknown/s);
    await deployment?.destroy();
    expect(await inventory()).toBe(there);
  });

  test('an image for another processor is refused before anything of it runs', async () => {
    await registry.push(made.of([busybox], {}, 's390x'), REFERENCE);
    const { manifests } = deploy(REFERENCE);
    const errors = await apply(host(), { manifests, remove: [] }, { asset: String });
    expect(errors.size).toBe(5);
    for (const error of errors.values()) expect(String(error)).toMatch(/its programs are for s390x, and the host is /);
  });

  test('nothing of an image gets out of its root, no device gets into it, and what it has goes before what is added', async () => {
    const entries = [
      { path: 'sda', flag: '4' },
      { path: 'usr/var/tmp/', flag: '5' },
      { path: 'var', flag: '2', target: '/usr/var' },
      { path: 'etc/hosts/', flag: '5' },
      { path: 'etc/hostname', content: 'of the image' },
      { path: 'attribute', content: 'x', pax: record('SCHILY.xattr.trusted.overlay.redirect', '/etc') },
    ];
    await registry.push(made.of([busybox, tarOf(entries)]), REFERENCE);
    deployment = new Deployment('pulled', (on) => {
      const command = ['/bin/busybox', 'sleep', '1000'];
      new SystemdService(on, 'p-odd', { image: Image.oci(REFERENCE), command, network: 'none' });
    });
    await deployment.apply();
    expect(
      await lab.sh(`cd /var/lib/bulkhead/images/*/root
        find . -xdev '(' -type b -o -type c ')'; readlink var; stat -c %F etc/hosts; cat etc/hostname; ls -d tmp usr/var/tmp
        tar -c --xattrs --xattrs-include='*' attribute | grep -ac trusted || :
        ls -d /usr/var /sda 2>/dev/null || :`),
    ).toBe('/usr/var\ndirectory\nof the imagetmp\nusr/var/tmp\n0\n');
  });

  test('a pull that is cut off leaves nothing that is taken for an image, and the next apply pulls it', async () => {
    await registry.push(
      made.of([busybox, layerOf('data', 60_000_000), tarOf([{ path: 'version', content: 'big' }])]),
      REFERENCE,
    );
    const pulled = deploy(REFERENCE);
    const { manifests, asset } = pulled;
    const cut = new AbortController();
    const applying = apply(host(), { manifests, remove: [] }, { asset, signal: cut.signal }).catch(String);
    await lab.sh('until [ -e "$(echo /var/lib/bulkhead/images/*.new/layout/index.json)" ]; do sleep 0.02; done');
    cut.abort(new Error('cut off'));
    expect(await applying).toContain('cut off');
    // On a busy host, it may have been unpacked by then.
    expect(
      await lab.sh(`cd /var/lib/bulkhead/images; ls -d *.new */pulled 2>/dev/null || :
        for layer in layers/*; do
          [ ! -e "$layer/complete" ] || [ "$(stat -c %s "$layer/root/data")" = 60000000 ] || echo "$layer"
        done`),
    ).toBe('');
    await pulled.apply();
    expect(await lab.sh(VERSIONS)).toBe(all('big'));
    expect(await pulled.differences()).toEqual([]);
  });

  test('while the registry is down, services go on, and to ask about tags is an error', async () => {
    await registry.push(imageOf('one'), REFERENCE);
    const pulled = deploy(REFERENCE);
    await pulled.apply();
    await lab.sh('systemctl stop test-registry');
    expect(await pulled.differences()).toEqual([]);
    const problems = (await checked(pulled)).flatMap(({ obstacles }) => obstacles.map(({ problem }) => problem));
    expect(problems.length).toBeGreaterThanOrEqual(5);
    for (const problem of problems)
      expect(problem).toMatch(
        /^its registry does not say what 127\.0\.0\.1:5000\/shop\/web:1 is: .*connection refused/,
      );
  });
});

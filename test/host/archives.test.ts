import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFile, type Host, Image, NspawnMachine, PodmanService, User } from 'bulkhead';
import { imageConfig, openImageArchive, rootOfImage } from '../../lib/archives';
import { apply } from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { flatRoot } from '../archives/flat-root';
import { dockerEntries, ociEntries, sha256 } from '../archives/made-image';
import { type MadeEntry, tarOf } from '../archives/made-tar';
import { start } from '../cli/command';
import { cutOffAtPodman, whileHeld } from './cut-off';
import { describeHost, host, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(180_000);

const dir = mkdtempSync(join(tmpdir(), 'bulkhead-archives-'));
afterAll(() => rmSync(dir, { recursive: true }));

function written(name: string, content: Buffer): string {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
}

/** BusyBox with a file that can't be compressed on top. */
function largeImage() {
  const data = randomBytes(20 << 20);
  const layers = [readFileSync(images().tar), tarOf([{ path: 'data', content: data }])];
  const config = { Cmd: ['/bin/httpd', '-f', '-p', '80', '-h', '/www'], Env: ['PATH=/bin'], StopSignal: 'SIGKILL' };
  // The same as one archive, which ends where the last entry does.
  const root = Buffer.concat([readFileSync(images().tar).subarray(0, -1024), tarOf([{ path: 'data', content: data }])]);
  return { digest: sha256(data), image: { layers, config }, root, data };
}

/** Images of the user. */
const IMAGES = `cd /; setpriv --reuid=ar-user --regid=ar-user --init-groups --reset-env \\
  env XDG_RUNTIME_DIR="/run/user/$(id -u ar-user)" podman image ls --quiet`;

/** What a load must not leave. */
const leftovers = () =>
  lab.sh(`find /var/lib/bulkhead/load /var/lib/machines/.*.bulkhead-new /home/*/.cache/bulkhead /var/tmp/*oci* \\
    /var/tmp/container_images* -maxdepth 0 2>/dev/null || true`);

describeHost('an image of 20 MB', () => {
  test.each([
    ['an OCI archive', ociEntries],
    [
      'an OCI archive whose index comes first',
      (image: Parameters<typeof ociEntries>[0]) => ociEntries(image).reverse(),
    ],
    ['an archive of docker', dockerEntries],
  ])('in %s runs with and without root, and as a machine', async (_, entriesOf) => {
    const { digest, image, root, data } = largeImage();
    const archive = Image.ociArchive(written('large.tar', tarOf(entriesOf(image))));
    const before = await inventory();
    const deployment = new Deployment('archives-test', (on: Host) => {
      const rootless = new User(on, 'ar-user');
      new PodmanService(on, 'ar-root', { image: archive, stopTimeout: '1s' });
      // The practice host may be one with control groups v1, where users have none of their own.
      const directives = { Container: { CgroupsMode: 'disabled' } } as const;
      new PodmanService(on, 'ar-rootless', { rootless, image: archive, stopTimeout: '1s', directives });
      new NspawnMachine(on, 'ar-machine', { image: archive, stopTimeout: '1s' });
      const command = ['/bin/httpd', '-f', '-p', '80', '-h', '/www'];
      new NspawnMachine(on, 'ar-tar', { image: Image.tar(written('root.tar', root)), command, stopTimeout: '1s' });
      new ConfigFile(on, 'ar-file', { path: '/srv/ar-file', source: written('data', data) });
    });
    try {
      await deployment.apply();
      expect(await deployment.differences()).toEqual([]);
      expect(await leftovers()).toBe('');
      const asUser = 'setpriv --reuid=ar-user --regid=ar-user --init-groups --reset-env';
      expect(
        await lab.sh(`
          cd /; podman exec ar-root sha256sum /data
          ${asUser} env XDG_RUNTIME_DIR="/run/user/$(id -u ar-user)" podman exec ar-rootless sha256sum /data
          for path in /var/lib/machines/ar-machine/data /var/lib/machines/ar-tar/data /srv/ar-file; do
            sha256sum < "$path"
          done`),
      ).toBe(`${digest}  /data\n`.repeat(2) + `${digest}  -\n`.repeat(3));
      const names = await lab.sh('podman image ls --format "{{.Repository}}" | grep -v pause');
      expect(names).not.toMatch(/bulkhead|load/);
    } finally {
      await deployment.destroy();
      deployment.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });

  test.each(['oci-archive', 'docker-archive'])('as podman save writes it in format %s is read', async (format) => {
    const { image } = largeImage();
    const expected = openImageArchive(written('large.tar', tarOf(ociEntries(image))));
    const id = (await lab.run(['podman', 'load', '--quiet'], readFileSync(expected.file))).stdout.toString().trim();
    const [reference = ''] = id.split(' ').slice(-1);
    try {
      const saved = await lab.run(['podman', 'save', '--quiet', '--format', format, reference]);
      const archive = openImageArchive(written('saved.tar', saved.stdout));
      expect(imageConfig(archive)).toEqual(imageConfig(expected));
      expect((await flatRoot(rootOfImage(archive.file))).length).toBe(
        (await flatRoot(rootOfImage(expected.file))).length,
      );
    } finally {
      await lab.sh('podman image rm "$1"', reference);
    }
  });

  test.each(['pull', 'tag'])(
    'whose load is killed at podman %s leaves nothing, and the next apply loads it',
    async (word) => {
      const archive = Image.ociArchive(written('large.tar', tarOf(ociEntries(largeImage().image))));
      const before = await inventory();
      const deployment = new Deployment('archives-test', (on: Host) => {
        const rootless = new User(on, 'ar-user');
        const directives = { Container: { CgroupsMode: 'disabled' } } as const;
        new PodmanService(on, 'ar-rootless', { rootless, image: archive, stopTimeout: '1s', directives });
      });
      try {
        await cutOffAtPodman(word, deployment.directory);
        await lab.sh('for i in $(seq 100); do [ -e /home/ar-user/.cache/bulkhead ] || exit 0; sleep 0.1; done; exit 1');
        await lab.sh(
          'for i in $(seq 100); do pgrep -u ar-user -x podman >/dev/null || exit 0; sleep 0.1; done; exit 1',
        );
        expect(await lab.sh(IMAGES)).toBe('');
        await deployment.apply();
        expect(await deployment.differences()).toEqual([]);
        expect(await leftovers()).toBe('');
      } finally {
        await deployment.destroy();
        deployment.cleanUp();
      }
      expect(await inventory()).toBe(before);
    },
  );
});

/** Copies only a part of a root of a machine. */
const FULL = `
cat > /usr/local/bin/cp <<'END'
#!/bin/sh
case $* in */var/lib/machines/*) mkdir -p "$5/etc"; echo no space >&2; exit 1 ;; esac
exec /usr/bin/cp "$@"
END
chmod 755 /usr/local/bin/cp`;

describeHost('an image that is being loaded', () => {
  const props = { image: Image.ociArchive(images().ociArchive), stopTimeout: '1s' } as const;
  test.each<[string, string, string, string, (on: Host) => void]>([
    ['podman', '/var/lib/bulkhead/load', 'podman', 'pull', (on) => new PodmanService(on, 'ar-box', props)],
    [
      'a machine',
      '/var/lib/bulkhead/images',
      'systemctl',
      'daemon-reload',
      (on) => new NspawnMachine(on, 'ar-machine', { ...props, network: 'none' }),
    ],
  ])(
    'for %s lies where only root can look, since it has programs that run as root, and leaves nothing',
    async (_, path, program, word, build) => {
      const before = await inventory();
      const deployment = new Deployment('archives-test', build);
      try {
        await whileHeld(program, word, async ({ reached, goOn }) => {
          const { finished } = start(['apply', '--auto-approve', '--bundle', deployment.directory]);
          await reached();
          expect(await lab.sh('find "$1" -type f | head -n 1', path)).not.toBe('');
          const { stdout, stderr } = await lab.run(['setpriv', '--reuid=nobody', '--clear-groups', 'find', path]);
          expect({ seen: stdout.toString(), stderr }).toEqual({
            seen: `${path}\n`,
            stderr: expect.stringContaining('Permission denied'),
          });
          await goOn();
          await finished;
        });
      } finally {
        await deployment.destroy();
        deployment.cleanUp();
      }
      expect(await inventory()).toBe(before);
    },
  );

  test('for a machine leaves no half root when its copying fails', async () => {
    const before = await inventory();
    const deployment = new Deployment(
      'archives-test',
      (on) => new NspawnMachine(on, 'ar-machine', { ...props, network: 'none' }),
    );
    await lab.sh(FULL);
    try {
      await expect(deployment.apply()).rejects.toThrow(/^Cannot load \/var\/lib\/machines\/ar-machine on .*no space/s);
      expect(await lab.sh('find /var/lib/machines -name "*ar-machine*"')).toBe('');
    } finally {
      await lab.sh('rm /usr/local/bin/cp');
      await deployment.destroy();
      deployment.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });
});

/** All that is to stay as it is: names, owners, modes and contents. */
const outside = () =>
  lab.sh(`find /etc /usr/local /root /srv /tmp /var/lib/machines -xdev ! -path '/tmp/systemd-*' ! -path '/root/.local/*' \\
    \\( -type f -printf '%p %m %U %G ' -exec sha256sum {} \\; -o -printf '%p %m %U %G %l\\n' \\) | sort`);

const link = (path: string, target: string, flag = '2'): MadeEntry => ({ path, flag, target });

const layer = tarOf([{ path: 'x', content: 'x' }]);
const image = (more: Partial<Parameters<typeof ociEntries>[0]> = {}) => ociEntries({ layers: [layer], ...more });
const withLayer = (...entries: readonly MadeEntry[]) => image({ layers: [tarOf(entries)] });

/** Archives that want to reach what is not theirs, by what they do. */
const HOSTILE: readonly (readonly [what: string, entries: readonly MadeEntry[], error: RegExp])[] = [
  [
    'an index that is a link to a file of the host',
    [...image().filter(({ path }) => path !== 'index.json'), link('index.json', '/etc/ar-evil'), ...image().slice(-2)],
    /entry "index\.json" is there twice/,
  ],
  [
    'a file outside',
    [...image(), { path: '../../../../etc/ar-evil' }],
    /entry "\.\.\/\.\.\/\.\.\/\.\.\/etc\/ar-evil" is a file/,
  ],
  ['an absolute path', [...image(), { path: '/etc/ar-evil' }], /entry "\/etc\/ar-evil" is a file/],
  ['a link as the directory of its blobs', [link('blobs', '/etc'), ...image()], /entry "blobs" is there twice/],
  ['a program that runs as root', [...image(), { path: 'sh', mode: 0o4755, content: '#!' }], /entry "sh" is a file/],
  [
    'a layer that is another one',
    image().map((entry) =>
      entry.path.endsWith(sha256(layer)) ? { ...entry, content: Buffer.alloc(layer.length) } : entry,
    ),
    /has the digest sha256:/,
  ],
];

/** The same of layers, which podman unpacks in a root of its own. */
const HOSTILE_ROOTS: typeof HOSTILE = [
  [
    'a path that climbs',
    withLayer({ path: '../../../etc/ar-evil' }),
    /entry "\.\.\/\.\.\/\.\.\/etc\/ar-evil" leads out of the root/,
  ],
  ['a file below a link', withLayer(link('a', '/etc'), { path: 'a/ar-evil' }), /entry "a\/ar-evil" is below a symlink/],
  [
    'a hard link out',
    withLayer(link('a', '/etc/shadow', '1')),
    /is a hard link to "\/etc\/shadow", which is not there/,
  ],
  ['a device', withLayer({ path: 'sda', flag: '4' }), /entry "sda" is a device/],
];

/** Name of the root that an archive makes; of one that can't be read, any. */
function rootName(path: string): string {
  try {
    return openImageArchive(path).manifest.digest;
  } catch {
    return sha256(path);
  }
}

function manifest(name: string, path: string, store: 'podman' | 'roots'): Manifest {
  const asset = sha256(readFileSync(path));
  const key = store === 'podman' ? `podman-image:localhost/${name}:1` : `image-root:${rootName(path)}`;
  return {
    name,
    stack: 'archives-test',
    path: `archives-test/host/${name}`,
    runtime: store === 'podman' ? 'podman' : 'systemd',
    files: {},
    units: {},
    objects: { [key]: { asset, ...(store === 'roots' && { spec: { format: 'oci-archive' } }) } },
  };
}

const CASES = (['podman', 'roots'] as const).flatMap((store) =>
  (store === 'podman' ? HOSTILE : [...HOSTILE, ...HOSTILE_ROOTS]).map(
    ([what, entries, error], at) => ({ what, entries, error, store, name: `ar-${store}-${at}` }) as const,
  ),
);

describeHost('a hostile archive', () => {
  test('fails its service alone, and touches nothing outside', async () => {
    const before = [await outside(), await inventory()];
    const files = new Map<string, string>();
    const asset = (digest: string) => files.get(digest) ?? '';
    const wanted = [...CASES, { name: 'ar-fine', entries: image(), store: 'podman' } as const].map((each) => {
      const path = written(`${each.name}.tar`, tarOf(each.entries));
      const made = manifest(each.name, path, each.store);
      for (const { asset: digest = '' } of Object.values(made.objects)) files.set(digest, path);
      return made;
    });
    const result = await apply(host(), { manifests: wanted, remove: [] }, { asset });
    expect(await leftovers()).toBe('');
    await apply(host(), { manifests: [], remove: wanted.map(({ name }) => name) }, { asset });
    expect(result.get('ar-fine')).toBeUndefined();
    for (const { what, error, name } of CASES) {
      const said = `${what}: ${result.get(name)?.shortMessage}`;
      expect(said).toMatch(/: Cannot load .*\.tar.*, expected .* \(at archives-test\/host\/ar-[a-z0-9-]+\)$/);
      expect(said).toMatch(error);
    }
    expect([await outside(), await inventory()]).toEqual(before);
  });

  test('that is another one than the manifest says, is cut off or is missing is not sent, and others are', async () => {
    const names = ['ar-changed', 'ar-cut', 'ar-missing', 'ar-fine'];
    const paths = new Map<string, string>();
    const manifests = names.map((name) => {
      const path = written(`${name}.tar`, tarOf(withLayer({ path: name })));
      paths.set(sha256(readFileSync(path)), path);
      return manifest(name, path, 'podman');
    });
    writeFileSync(join(dir, 'ar-changed.tar'), tarOf(withLayer({ path: 'other' })));
    truncateSync(join(dir, 'ar-cut.tar'), 2000);
    rmSync(join(dir, 'ar-missing.tar'));
    const asset = (digest: string) => paths.get(digest) ?? '';
    const before = await inventory();
    const result = await apply(host(), { manifests, remove: [] }, { asset });
    const said = names.map((name) => result.get(name)?.shortMessage);
    expect(said).toEqual([
      expect.stringMatching(
        /^Cannot load localhost\/ar-changed:1 on .*ar-changed\.tar: has the digest sha256:.*, expected/,
      ),
      expect.stringMatching(/^Cannot load localhost\/ar-cut:1 on .*ar-cut\.tar: has the digest sha256:.*, expected/),
      expect.stringMatching(/^Cannot load localhost\/ar-missing:1 on .*ar-missing\.tar: is missing, expected a file/),
      undefined,
    ]);
    expect(await lab.sh('podman image ls --format "{{.Repository}}" | grep localhost/ar-')).toBe('localhost/ar-fine\n');
    await apply(host(), { manifests: [], remove: names }, { asset });
    expect(await inventory()).toBe(before);
  });
});

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PodmanBuild, type PodmanBuildProps, PodmanService, User } from 'bulkhead';
import { host, section, temporaryDirectory, textOf } from '../testing';

const PATH = '/etc/containers/systemd/app.build';
const BUILDS = '/var/lib/bulkhead-builds/app';

/** A context with a text, a program and something large. */
function context(text = 'a'): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'Containerfile'), 'FROM scratch\nCOPY . /\n');
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin', 'run'), text);
  chmodSync(join(directory, 'bin', 'run'), 0o700);
  writeFileSync(join(directory, 'large'), Buffer.alloc(70_000));
  return directory;
}

const make = (props: Partial<PodmanBuildProps> = {}, scope = host()) =>
  new PodmanBuild(scope, 'app', { context: context(), ...props });

test('a build has the digest of its context in its name', () => {
  const build = make();
  expect(build.reference).toMatch(/^localhost\/app:[0-9a-f]{12}$/);
  expect(textOf(build, PATH)).toBe(`[Unit]
Description=build app

[Build]
ImageTag=${build.reference}
SetWorkingDirectory=${BUILDS}
File=${BUILDS}/Containerfile

[Service]
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
`);
  expect(build.manifest.objects).toEqual({ [`podman-image:${build.reference}`]: { unit: 'app-build.service' } });
  expect(make().reference).toBe(build.reference);
  expect(make({ context: context('b') }).reference).not.toBe(build.reference);
  expect(make({ target: 'x' }).reference).not.toBe(build.reference);
});

test('the files of its context travel, large ones as assets', () => {
  const build = make();
  const { [PATH]: _, ...files } = build.manifest.files;
  const rest = { owner: 'root', group: 'root' };
  expect(files).toEqual({
    [`${BUILDS}/Containerfile`]: { content: 'FROM scratch\nCOPY . /\n', mode: '0644', ...rest },
    [`${BUILDS}/bin/run`]: { content: 'a', mode: '0755', ...rest },
    [`${BUILDS}/large`]: { asset: build.assets[0]?.digest, mode: '0644', ...rest },
  });
  expect(build.assets).toHaveLength(1);
});

test('a container that runs it starts after it, and restarts when it changes', () => {
  const scope = host();
  const image = make({}, scope);
  const web = new PodmanService(scope, 'web', { image });
  expect(section(textOf(web, '/etc/containers/systemd/web.container'), 'Container')).toContain('Image=app.build');
  expect(web.dependencies).toEqual([image]);
  expect(web.manifest.units['web.service']?.triggers).toHaveProperty(['app.build']);
});

test.each<[() => Partial<PodmanBuildProps>, string]>([
  [() => ({ context: '/nowhere' }), 'Cannot build from "/nowhere": is not a directory'],
  [
    () => ({ containerfile: 'Dockerfile' }),
    'expected the path of a file in that directory (at shop/host/app.containerfile)',
  ],
  [() => ({ directives: { Build: { ImageTag: 'x' } } }), 'already set by name'],
])('%s is refused', (props, message) => {
  expect(() => make(props())).toThrow(message);
});

test('a link in the context is refused', () => {
  const directory = context();
  symlinkSync('/etc/passwd', join(directory, 'link'));
  expect(() => make({ context: directory })).toThrow('link is a link, or not a regular file');
});

test('what a user builds from lies in the home of that user, who owns it', () => {
  const scope = host();
  const build = make({ rootless: new User(scope, 'shop') }, scope);
  const directory = '/home/shop/.local/share/bulkhead-builds/app';
  expect(textOf(build, '/home/shop/.config/containers/systemd/app.build')).toContain(
    `SetWorkingDirectory=${directory}\n`,
  );
  expect(build.manifest.files).toMatchObject({
    [`${directory}/bin/run`]: { mode: '0755', owner: 'shop', group: 'shop' },
    [`${directory}/Containerfile`]: { mode: '0644', owner: 'shop', group: 'shop' },
  });
});

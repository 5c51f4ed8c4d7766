import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigDirectory,
  ConfigFile,
  Directory,
  type Host,
  Image,
  OciService,
  type OnChange,
  PodmanService,
  raw,
  SystemdService,
} from 'bulkhead';
import { EitherStack, RENDERINGS } from './either';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(180_000);

const image = () => Image.ociArchive(images().ociArchive);
const scratch = mkdtempSync(join(tmpdir(), 'bulkhead-on-change-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Writes down what it reads: at its start, and at each SIGHUP. */
const READER = `trap 'cat /etc/app.conf >> "$STATE_DIRECTORY/read"' HUP; cat /etc/app.conf >> "$STATE_DIRECTORY/read"
while :; do sleep 0.1; done`;
const WORDS: readonly OnChange[] = ['restart', 'reload', 'none'];

/** A service of each word that reads one file, and a container that serves a site. */
const build = (content: string) => (host: Host) => {
  const file = new ConfigFile(host, 'oc-conf', { path: '/etc/oc.conf', content: `${content}\n` });
  for (const onChange of WORDS) {
    new SystemdService(host, `oc-${onChange}`, {
      command: ['/bin/sh', '-c', READER],
      stateDirectory: `oc-${onChange}`,
      volumes: [{ source: file, target: '/etc/app.conf', onChange }],
      directives: { Service: { ExecReload: ['/bin/kill', '-HUP', raw('$MAINPID')] } },
    });
  }
  const source = join(scratch, content);
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'index.html'), `${content}\n`);
  const site = new ConfigDirectory(host, 'oc-site', { path: '/srv/oc-site', source });
  const volumes = [{ source: site, target: '/www', onChange: 'none' as const }];
  new PodmanService(host, 'oc-web', { image: image(), volumes, stopTimeout: '1s' });
};
const UNITS = [...WORDS.map((word) => `oc-${word}`), 'oc-web'];
const invocations = async () =>
  (await lab.sh('for unit; do systemctl show -P InvocationID "$unit"; done', ...UNITS)).trim().split('\n');
const read = (word: OnChange) => lab.sh('sleep 1; cat "/var/lib/private/$1/read"', `oc-${word}`);

describeHost('a file that services use', () => {
  test.each(RENDERINGS)('restarts, reloads or leaves them alone as they say, by %s', async (rendering) => {
    const before = await inventory();
    const stack = new EitherStack('on-change', rendering, { settleTime: '1s' });
    try {
      expect(await stack.deploy(build('one'))).toMatchObject({ exitCode: 0 });
      const first = await invocations();
      expect(await stack.deploy(build('two'))).toMatchObject({ exitCode: 0 });
      const second = await invocations();
      expect(UNITS.filter((_, index) => first[index] !== second[index])).toEqual(['oc-restart']);
      expect(await read('restart')).toBe('one\ntwo\n');
      expect(await read('reload')).toBe('one\ntwo\n');
      expect(await read('none')).toBe('one\n');
      // Whoever reads it next sees what is new.
      const seen =
        'cat "/proc/$(systemctl show -P MainPID oc-none)/root/etc/app.conf"; podman exec oc-web cat /www/index.html';
      expect(await lab.sh(seen)).toBe('two\ntwo\n');
      expect(await stack.differences()).toBe('');
    } finally {
      await stack.destroy();
      await lab.sh('rm -rf /var/lib/private/oc-restart /var/lib/private/oc-reload /var/lib/private/oc-none');
      await lab.sh('rm -f /var/lib/oc-restart /var/lib/oc-reload /var/lib/oc-none');
    }
    expect(await inventory()).toBe(before);
  });
});

describeHost('a directory of volumes', () => {
  const owner = (path: string) => lab.sh('stat -c "%U:%G %a" "$1"', path);

  test('is made with the owner of the service, stays with what is in it, and goes when it is empty', async () => {
    await lab.sh('mkdir /srv/oc');
    const before = await inventory();
    const deployment = new Deployment('directories', (host) => {
      const shared = new Directory(host, 'oc-shared', { path: '/srv/oc/shared', owner: 'daemon', mode: '0750' });
      const volumes = [{ source: shared, target: '/shared' }];
      new SystemdService(host, 'oc-user', {
        command: ['/bin/sh', '-c', 'touch /data/mine && touch /shared/ours && exec sleep infinity'],
        user: 'daemon',
        volumes: ['/srv/oc/user:/data', ...volumes],
      });
      new PodmanService(host, 'oc-box', {
        image: image(),
        stopTimeout: '1s',
        volumes: ['/srv/oc/box/data:/data', ...volumes],
      });
      new OciService(host, 'oc-own', {
        image: image(),
        stopTimeout: '1s',
        user: '70:71',
        command: ['/bin/sh', '-c', 'touch /data/mine && exec sleep 1000'],
        volumes: ['/srv/oc/own:/data'],
      });
    });
    try {
      await deployment.apply();
      expect(await deployment.differences()).toEqual([]);
      expect(await owner('/srv/oc/user')).toBe('daemon:daemon 755\n');
      expect(await owner('/srv/oc/shared')).toBe('daemon:daemon 750\n');
      expect(await owner('/srv/oc/box/data')).toBe('root:root 755\n');
      expect(await owner('/srv/oc/own/mine')).toMatch(/^UNKNOWN:|70|71/);
      // Who owns it from then on is the user's business, unless a Directory says so.
      await lab.sh('chown nobody /srv/oc/user; chmod 0777 /srv/oc/shared');
      expect(await deployment.differences()).toEqual(['load directory:/srv/oc/shared: mode is 0777, expected 0750']);
      await deployment.apply();
      expect(await owner('/srv/oc/shared')).toBe('daemon:daemon 750\n');
      await deployment.destroy();
      expect(await lab.sh('cd /srv/oc; find . -type f | sort')).toBe('./own/mine\n./shared/ours\n./user/mine\n');
      expect(await lab.sh('ls /srv/oc')).toBe('own\nshared\nuser\n');
    } finally {
      await deployment.destroy();
      deployment.cleanUp();
      await lab.sh('rm -rf /srv/oc/*');
    }
    expect(await inventory()).toBe(before);
    await lab.sh('rmdir /srv/oc');
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigDirectory,
  ConfigFile,
  Directory,
  Image,
  MachineImage,
  NspawnMachine,
  PodmanService,
  SystemdService,
} from 'bulkhead';
import { describeHost, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(300_000);

/** Its loop prints the first line of a file as long as it is there. */
const printing = (path: string) => ['/bin/sh', '-c', `while :; do cat ${path} || echo gone; sleep 0.1; done`];

describeHost('what services use of others', () => {
  const source = mkdtempSync(join(tmpdir(), 'bulkhead-made-'));
  writeFileSync(join(source, 'page'), 'page\n');
  const deployment = new Deployment('t-made', (host) => {
    const image = Image.ociArchive(images().ociArchive);
    const pages = new ConfigDirectory(host, 'm-pages', { path: '/srv/m-pages', source });
    const conf = new ConfigFile(host, 'm-conf', { path: '/etc/m-conf', content: 'right\n' });
    const shared = new Directory(host, 'm-shared', { path: '/srv/m-shared' });
    const base = new MachineImage(host, 'm-base', { image });
    new PodmanService(host, 'm-box', {
      image,
      command: printing('/pages/page'),
      volumes: [{ source: pages, target: '/pages', readOnly: true }],
      stopTimeout: '1s',
    });
    new SystemdService(host, 'm-unit', {
      command: printing('/mnt/conf'),
      volumes: [{ source: conf, target: '/mnt/conf', readOnly: true }],
    });
    new NspawnMachine(host, 'm-machine', { image: base, readOnlyRoot: true, ports: ['8076:80'], stopTimeout: '1s' });
    new PodmanService(host, 'm-data', {
      image,
      command: ['/bin/sleep', '1000000'],
      volumes: ['/srv/m-data:/data', { source: shared, target: '/shared' }],
      stopTimeout: '1s',
    });
    new SystemdService(host, 'm-other', { command: ['/usr/bin/sleep', 'infinity'] });
  });
  const invocation = (unit: string) => lab.sh('systemctl show -P InvocationID "$1"', unit);
  const page = () => lab.sh('curl --silent --show-error --fail --retry 20 --retry-connrefused http://127.0.0.1:8076/');
  const last = async (unit: string) =>
    lab.sh('sleep 0.5; journalctl -o cat -n 1 _SYSTEMD_INVOCATION_ID="$(systemctl show -P InvocationID "$1")"', unit);

  beforeAll(() => deployment.apply());
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
  });

  /** Changes something, and returns the differences. The next apply undoes all of them. */
  async function repaired(change: string): Promise<string[]> {
    const before = await invocation('m-other');
    await lab.sh(change);
    const differences = await deployment.differences();
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await invocation('m-other')).toBe(before);
    return differences;
  }

  test('restarts them when a directory is made again: they have mounted the one that is gone', async () => {
    const differences = await repaired('rm -rf /srv/m-pages');
    expect(differences).toEqual([
      'write /srv/m-pages/page: is missing',
      'restart m-box.service: /srv/m-pages/page is missing',
    ]);
    expect((await last('m-box')).trim()).toBe('page');
  });

  test('restarts them when a file is written again: they have started with what somebody made of it', async () => {
    const differences = await repaired('echo wrong > /etc/m-conf; systemctl restart m-unit');
    expect(differences).toEqual([
      'write /etc/m-conf: content differs',
      'restart m-unit.service: /etc/m-conf content differs',
    ]);
    expect(await last('m-unit')).toBe('right\n');
  });

  test('restarts machines when their image is placed again', async () => {
    expect(await page()).toBe('<h1>It works</h1>\n');
    const differences = await repaired('chattr -i /var/lib/machines/m-base; rm -rf /var/lib/machines/m-base');
    expect(differences).toEqual([
      'load machine-image:m-base: is missing',
      'place machine-image:m-base: is missing',
      'restart m-machine.service: machine-image:m-base is missing',
    ]);
    expect(await page()).toBe('<h1>It works</h1>\n');
  });

  test('restarts those who write to a directory that is made again, which would write to nowhere', async () => {
    const differences = await repaired('rm -rf /srv/m-data /srv/m-shared');
    expect(differences).toEqual([
      'load directory:/srv/m-shared: is missing',
      'load directory:/srv/m-data: is missing',
      'restart m-data.service: directory:/srv/m-shared is missing',
    ]);
    await lab.sh('podman exec m-data touch /data/a /shared/b; test -e /srv/m-data/a; test -e /srv/m-shared/b');
    await lab.sh('rm -rf /srv/m-data/a /srv/m-shared/b; chmod 0700 /srv/m-shared');
    const before = await invocation('m-data');
    expect(await repaired('true')).toEqual(['load directory:/srv/m-shared: mode is 0700, expected 0755']);
    expect(await invocation('m-data')).toBe(before);
  });

  test('restarts them with the next apply when only the file is applied', async () => {
    await lab.sh('rm /etc/m-conf');
    const before = await invocation('m-unit');
    await deployment.apply(['m-conf']);
    expect(await invocation('m-unit')).toBe(before);
    expect(await deployment.differences()).toEqual(['restart m-unit.service: still runs with old content']);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await last('m-unit')).toBe('right\n');
  });
});

import { type Host, type Image, Network, SystemdService } from 'bulkhead';
import { tarOf } from '../archives/made-tar';
import { describeHost, inventory, lab } from './host';
import { type Name, VALUES } from './hostile-values';
import { MadeImages } from './made-images';
import { running } from './running';
import { Deployment } from './synth';

/** Values that no file of a unit can hold: each is refused when the construct is made. */
const REFUSED: readonly Name[] = ['NUL byte', 'surrogate', 'no character', 'decomposed'];
const values = Object.entries(VALUES).flatMap(([name, value]) => (REFUSED.includes(name as Name) ? [] : [value]));
const environment = Object.fromEntries(values.map((value, index) => [`VALUE_${index}`, value]));

const CONFIG = {
  Entrypoint: ['httpd', '-f'],
  Cmd: ['-p', '80', '-h', '/www'],
  Env: ['PATH=/bin', 'OF_IMAGE=yes'],
  WorkingDir: '/www',
};

const services = (image: Image) => (host: Host) => {
  const network = new Network(host, 'v-net');
  const page = new SystemdService(host, 'v-page', { image, network, ports: ['8390:80'] });
  const command = ['sh', '-c', 'while :; do sleep 1000; done', 'sh'];
  new SystemdService(host, 'v-client', { image, network, reaches: [page], command, args: values, environment });
  new SystemdService(host, 'v-state', {
    image,
    command: ['sh', '-c', 'cat /seen > "$STATE_DIRECTORY/copy"; echo no > /www/x; exec sleep 1000'],
    stateDirectory: 'v-state',
    volumes: ['/srv/v-file:/seen:ro'],
  });
};

describeHost('a program that systemd runs in an image', () => {
  const made = new MadeImages();
  let before: string;
  let busybox: Buffer;
  let deployment: Deployment;
  const imageOf = (text: string) => made.of([busybox, tarOf([{ path: 'www/index.html', content: text }])], CONFIG);
  const deploy = async (image: Image) => {
    deployment?.cleanUp();
    deployment = new Deployment('systemd-image-test', services(image));
    await deployment.apply();
  };
  const page = () => lab.sh('curl -sS --retry 20 --retry-all-errors --retry-delay 0 http://127.0.0.1:8390/');
  const starts = async (unit: string) =>
    Number(await lab.sh('journalctl -q -o cat -u "$1" | grep -c "^Started"', unit));
  const root = () => lab.sh('systemctl show -P RootDirectory v-page').then((text) => text.trim());

  beforeAll(async () => {
    before = await inventory();
    busybox = await MadeImages.busybox();
    await lab.sh('echo of the host > /srv/v-file');
    await deploy(imageOf('one'));
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    made.cleanUp();
    await lab.sh('rm -r /srv/v-file /var/lib/private/v-state; rm -f /var/lib/v-state');
    expect(await inventory()).toBe(before);
  });

  test('answers on its network, and two plans are empty', async () => {
    expect(await page()).toBe('one');
    expect(
      await lab.sh('nsenter -t "$(systemctl show -P MainPID v-client)" -m -n -r wget -q -O - http://v-page/'),
    ).toBe('one');
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  test('gets every value unchanged, and what the image says', async () => {
    const client = await running('systemd', 'v-client');
    expect(client.argv).toEqual(['sh', '-c', 'while :; do sleep 1000; done', 'sh', ...values]);
    expect(client.environment).toMatchObject({ ...environment, OF_IMAGE: 'yes' });
    expect(client.cwd).toMatch(/\/www$/);
    expect((await running('systemd', 'v-page')).argv).toEqual(['httpd', '-f', '-p', '80', '-h', '/www']);
  });

  test('reads its volumes, writes its state, and can not write to the image', async () => {
    expect(await lab.sh('cat /var/lib/private/v-state/copy')).toBe('of the host\n');
    expect(await lab.sh('journalctl -q -o cat -u v-state')).toMatch(/Read-only file system/);
    expect(await lab.sh('stat -c %U "/proc/$(systemctl show -P MainPID v-page)"')).not.toBe('root\n');
  });

  test.each([
    ['root removed', 'rm -r "$1"', 'is missing|is not complete'],
    ['note of its layers removed', 'rm "${1%/root}/layers"', 'is not complete'],
    ['all of it removed', 'rm -r "${1%/root}"', 'is missing'],
    ['all images removed', 'rm -r /var/lib/bulkhead/images', 'is missing'],
  ])('%s: is seen, and repaired', async (_, mutation, reason) => {
    await lab.sh(mutation, await root());
    expect(await deployment.differences()).toContainEqual(
      expect.stringMatching(new RegExp(`^load image-root:.*: (?:${reason})$`)),
    );
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await page()).toBe('one');
  });

  test('is restarted once by a new image, and only the one before is kept', async () => {
    const isThere = (path: string) => lab.sh('[ -e "$1" ] && echo yes || echo no', path).then((said) => said.trim());
    const [first, before] = [await root(), await starts('v-page')];
    await deploy(imageOf('two'));
    expect(await page()).toBe('two');
    expect(await starts('v-page')).toBe(before + 1);
    expect(await deployment.differences()).toEqual([]);
    expect(await isThere(first)).toBe('yes');
    const second = await root();
    await deploy(imageOf('three'));
    expect([await isThere(first), await isThere(second)]).toEqual(['no', 'yes']);
  });
});

describeHost('a limit of a program in an image', () => {
  test('binds', async () => {
    const made = new MadeImages();
    const image = made.of([await MadeImages.busybox()]);
    const deployment = new Deployment('systemd-image-limit', (host) => {
      new SystemdService(host, 'v-greedy', { image, command: ['tail', '/dev/zero'], memory: '16M', restart: 'no' });
    });
    await expect(deployment.apply()).rejects.toThrow(/v-greedy/);
    // Only with version 2 of the control groups does systemd say that it was for want of memory.
    const [result, status] = (await lab.sh('systemctl show -P Result -P ExecMainStatus v-greedy')).split('\n');
    expect([result === 'signal' ? 'oom-kill' : result, status]).toEqual(['oom-kill', '9']);
    await deployment.destroy();
    deployment.cleanUp();
    made.cleanUp();
  });
});

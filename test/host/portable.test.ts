import { type Host, type Image, PortableService, SystemdService } from 'bulkhead';
import { apply } from '../../lib/engine';
import { tarOf } from '../archives/made-tar';
import { Counting } from './counting';
import { host as connection, describeHost, inventory, lab } from './host';
import { MadeImages } from './made-images';
import { running } from './running';
import { Deployment } from './synth';

const CONFIG = { Cmd: ['/bin/httpd', '-f', '-p', '80', '-h', '/www'], Env: ['PATH=/bin'] };
const WORDS = ['', '"quoted"', '$HOME %n', 'a\nb', 'žluť', '--', ' '];

interface Options {
  readonly page: Image;
  readonly plain: Image;
  readonly extension?: Image;
}

const services =
  ({ page, plain, extension }: Options) =>
  (host: Host) => {
    const served = new PortableService(host, 'p-page', { image: page, ports: ['8391:80'], tasks: 16 });
    if (extension)
      new PortableService(host, 'p-extended', {
        image: plain,
        extensions: [extension],
        command: ['sh', '-c', 'cat /usr/share/added; while :; do sleep 1000; done', 'sh', ...WORDS],
        environment: Object.fromEntries(WORDS.map((word, index) => [`WORD_${index}`, word])),
        network: 'none',
      });
    new SystemdService(host, 'p-client', {
      image: plain,
      command: ['sleep', '1000'],
      network: host.network,
      reaches: [served],
    });
  };

describeHost('portable services', () => {
  const made = new MadeImages();
  let before: string;
  let deployment: Deployment;
  let options: Options;
  let busybox: Buffer;
  const pageOf = (text: string) => made.of([busybox, tarOf([{ path: 'www/index.html', content: text }])], CONFIG);
  const deploy = async (changed: Partial<Options> = {}) => {
    options = { ...options, ...changed };
    deployment?.cleanUp();
    deployment = new Deployment('portable-test', services(options));
    await deployment.apply();
  };
  const page = () => lab.sh('curl -sS --retry 20 --retry-all-errors --retry-delay 0 http://127.0.0.1:8391/');
  const listed = async () =>
    (await lab.sh("portablectl list --no-legend | awk '/^p-page_/ {print $1, $NF}'")).trim().split('\n');
  const images = async () => (await listed()).map((line) => line.split(' ')[0] ?? '').sort();

  beforeAll(async () => {
    // Starts portabled, which leaves other units behind that it wants.
    await lab.sh('portablectl list');
    before = await inventory();
    busybox = await MadeImages.busybox();
    options = { page: pageOf('one'), plain: made.of([busybox], CONFIG) };
    await deploy();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    made.cleanUp();
    expect(await inventory()).toBe(before);
  });

  test('answer, in their profile, and two plans are empty', async () => {
    expect(await page()).toBe('one');
    const inside = 'nsenter -t "$(systemctl show -P MainPID p-client)" -m -n -r wget -q -O - http://p-page/';
    expect(await lab.sh(inside)).toBe('one');
    expect(await lab.sh('systemctl show -P DynamicUser -P PrivateUsers -P TasksMax p-page')).toBe('16\nyes\nyes\n');
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  test('are what portablectl says that they are', async () => {
    const [line = ''] = await listed();
    expect(line).toMatch(/^p-page_[0-9a-f]{12} running$/);
    expect(await lab.sh('portablectl is-attached "$1"', line.split(' ')[0] ?? '')).toBe('running\n');
    expect(await lab.sh('systemctl is-enabled p-page')).toBe('enabled\n');
  });

  test.each([
    [
      'profile replaced',
      'ln -sfn /usr/lib/systemd/portable/profile/trusted/service.conf "$0"',
      /^load link:.*: leads to .*trusted/,
    ],
    ['profile removed', 'rm "$0"', /^load link:.*10-profile.conf: is missing$/],
    ['profile replaced by a file', 'rm "$0"; echo > "$0"', /^load link:.*10-profile.conf: is not a link$/],
  ])('%s: is seen, and repaired', async (_, mutation, expected) => {
    const link = '/etc/systemd/system.attached/p-page.service.d/10-profile.conf';
    await lab.sh(`sh -euc '${mutation}' ${link}; systemctl daemon-reload`);
    expect(await deployment.differences()).toContainEqual(expect.stringMatching(expected));
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await lab.sh('systemctl show -P DynamicUser p-page')).toBe('yes\n');
  });

  test('detached by hand are attached again', async () => {
    const [image = ''] = await images();
    await lab.sh('portablectl detach --now --enable "$1"', image);
    expect(await lab.sh('systemctl is-active p-page || true')).not.toBe('active\n');
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await page()).toBe('one');
  });

  test('a drop-in beside those of portablectl is removed', async () => {
    const dropIn = '/etc/systemd/system.attached/p-page.service.d/30-mine.conf';
    await lab.sh(`printf '[Service]\\nNice=7\\n' > ${dropIn}; systemctl daemon-reload`);
    expect(await deployment.differences()).toContain(`remove ${dropIn}: changes p-page.service`);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });

  test('keep the image before an upgrade, and go back to it without anything sent', async () => {
    const [first = ''] = await images();
    const starts = async () => Number(await lab.sh('journalctl -q -o cat -u p-page | grep -c ^Started'));
    const started = await starts();
    const one = options.page;
    await deploy({ page: pageOf('two') });
    expect(await page()).toBe('two');
    expect(await starts()).toBe(started + 1);
    expect(await deployment.differences()).toEqual([]);
    expect(await images()).toHaveLength(2);
    await lab.sh('portablectl reattach --profile=strict --now "$1"', first);
    expect(await lab.sh('systemctl show -P RootDirectory p-page')).toContain(first);
    deployment.cleanUp();
    options = { ...options, page: one };
    deployment = new Deployment('portable-test', services(options));
    const transport = new Counting(connection());
    const { manifests, asset } = deployment;
    const errors = await apply(transport, { manifests, remove: [] }, { asset });
    expect([...errors.values()].filter(Boolean)).toEqual([]);
    expect(transport.bytes).toBeLessThan(300_000);
    expect(await page()).toBe('one');
    await deploy({ page: pageOf('three') });
    expect(await images()).toHaveLength(2);
    expect(await page()).toBe('three');
    expect(await deployment.differences()).toEqual([]);
  });

  test('see their extensions, and get every value unchanged', async () => {
    // With one of these, portablectl(1) of systemd 257 detaches no other image.
    await deploy({ extension: made.of([tarOf([{ path: 'usr/share/added', content: 'added\n' }])]) });
    expect(await lab.sh('systemctl show -P TasksMax p-extended')).toBe('4\n');
    expect(await lab.sh('journalctl -q -o cat -u p-extended')).toContain('added\n');
    const { argv, environment } = await running('systemd', 'p-extended');
    expect(argv.slice(4)).toEqual(WORDS);
    expect(environment).toMatchObject(Object.fromEntries(WORDS.map((word, index) => [`WORD_${index}`, word])));
    expect(await deployment.differences()).toEqual([]);
  });
});

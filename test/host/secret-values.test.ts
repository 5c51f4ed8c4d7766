import { type Host, Image, PodmanService, PortableService, Secret, SystemdService, SystemdTimer } from 'bulkhead';
import { EitherStack } from './either';
import { describeHost, inventory, lab } from './host';
import { images } from './synth';

jest.setTimeout(300_000);

const FIRST = ' a "b" $HOME `c` \\d\\\\ \'e\' #%d\t= ä\\';
const SECOND = '"$(reboot)"';

/** Services with the value of a secret as a variable, and what each of them waits for. */
const SERVICES: Readonly<Record<string, string>> = {
  unit: '986001',
  'in-image': '986002',
  portable: '986003',
  podman: '986004',
};

describeHost('the value of a secret as a variable', () => {
  const image = () => Image.ociArchive(images().ociArchive);
  let stack: EitherStack;
  let before: string;
  let isGone = false;

  const build = (host: Host) => {
    const db = new Secret(host, 'db', { environmentVariable: 'SV_PASSWORD' });
    const made = new Secret(host, 'made', { generate: {} });
    const environment = { DB_PASSWORD: db.asValue(), MADE: made.asValue(), LOG: '%d $x' };
    const common = (name: string) => ({ command: ['/bin/sleep', SERVICES[name] ?? ''], environment });
    new SystemdService(host, 'sv-unit', common('unit'));
    new SystemdService(host, 'sv-in-image', { ...common('in-image'), image: image() });
    new PortableService(host, 'sv-portable', { ...common('portable'), image: image() });
    const quick = { user: '1000', stopTimeout: '1s' } as const;
    new PodmanService(host, 'sv-podman', { ...common('podman'), ...quick, image: image() });
    new SystemdTimer(host, 'sv-timer', { command: ['/usr/bin/env'], environment, onCalendar: 'yearly' });
  };
  const started = (name: string) => lab.sh('systemctl show -P InvocationID "sv-$1"', name);
  const variables = async (name: string) => {
    const text = await lab.sh('tr "\\0" "\\n" <"/proc/$(pgrep -xf "/bin/sleep $1")/environ"', SERVICES[name] ?? '');
    return text.split('\n');
  };
  /** What the timer's program prints. */
  const printed = () =>
    lab.sh('systemctl start sv-timer.service; journalctl --sync; journalctl -I -u sv-timer -o cat --no-pager --all');

  beforeAll(async () => {
    before = await inventory();
    process.env.SV_PASSWORD = FIRST;
    stack = new EitherStack('sv-stack', 'bulkhead apply', { settleTime: '1s' });
    expect(await stack.deploy(build)).toMatchObject({ exitCode: 0 });
  });
  afterAll(async () => {
    delete process.env.SV_PASSWORD;
    if (!isGone) await stack.destroy();
  });

  test.each(Object.keys(SERVICES))('reaches %s as it is', async (name) => {
    const made = await lab.sh('cat /var/lib/bulkhead-secrets/generated/made.sv-stack');
    expect(await variables(name)).toEqual(
      expect.arrayContaining([`DB_PASSWORD=${FIRST}`, `MADE=${made}`, 'LOG=%d $x']),
    );
  });

  test('reaches each run of a timer', async () => {
    expect(await printed()).toContain(`DB_PASSWORD=${FIRST}\n`);
  });

  test('is in no property of a unit, and a second plan is empty', async () => {
    const shown = await lab.sh('systemctl show --all sv-unit sv-in-image sv-portable sv-timer.service');
    expect(shown).toContain('EnvironmentFiles=/var/lib/bulkhead-secrets/values/sv-unit/db@DB_PASSWORD');
    expect(shown).not.toContain('$HOME `c`');
    expect(await stack.differences()).toBe('');
  });

  test('is in no file, argument or journal of podman, and only root can read its file', async () => {
    const shown = await lab.sh(
      'systemctl cat sv-podman; cat /etc/containers/systemd/sv-podman.container; ps -eo args; journalctl --sync; journalctl --no-pager --all _COMM=podman + _COMM=conmon + UNIT=sv-podman.service + _SYSTEMD_UNIT=sv-podman.service',
    );
    const file = '/var/lib/bulkhead-secrets/values/sv-podman/db@DB_PASSWORD.env';
    expect(shown).toContain(`--env-file ${file}`);
    expect(shown).toContain('Started sv-podman.service');
    expect(shown).not.toContain('$HOME `c`');
    expect(await lab.sh('stat -c "%a %u:%g" "$1"', file)).toBe('400 0:0\n');
  });

  test('of another value restarts the services', async () => {
    const first = await started('unit');
    process.env.SV_PASSWORD = SECOND;
    expect(await stack.differences()).toContain('secret:sv-unit/db@DB_PASSWORD has another value');
    expect(await stack.deploy(build)).toMatchObject({ exitCode: 0 });
    expect(await started('unit')).not.toBe(first);
    for (const name of Object.keys(SERVICES)) expect(await variables(name)).toContain(`DB_PASSWORD=${SECOND}`);
    expect(await printed()).toContain(`DB_PASSWORD=${SECOND}\n`);
    expect(await stack.differences()).toBe('');
  });

  test('of two lines is refused before anything is touched', async () => {
    const first = await started('unit');
    process.env.SV_PASSWORD = 'a\nLD_PRELOAD=b';
    const { exitCode, output } = await stack.deploy(build);
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: expect.stringContaining('has a line break') });
    expect(output).not.toContain('LD_PRELOAD');
    expect(await started('unit')).toBe(first);
    process.env.SV_PASSWORD = SECOND;
  });

  test('is gone with the services', async () => {
    await stack.destroy();
    isGone = true;
    expect(await inventory()).toBe(before);
    expect(await lab.sh('ls -d /var/lib/bulkhead-secrets 2>/dev/null || :')).toBe('');
  });
});

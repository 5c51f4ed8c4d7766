import {
  ConfigFile,
  ContainerdService,
  type Host,
  Image,
  NspawnMachine,
  OciService,
  PodmanService,
  SystemdService,
  SystemdTimer,
} from 'bulkhead';
import { EitherStack, RENDERINGS, type Rendering } from './either';
import { lab } from './host';
import { describeTerraformOnHost, practiceHost } from './stack';
import { images } from './synth';

/** What a stack of a job and of what depends on it is at one moment. */
interface Version {
  readonly version: string;
  readonly exit?: number;
}

const RUNS = '/var/lib/d-runs';
const appUnit = '/etc/systemd/system/d-app.service';

/** An application that comes after its migration, and one that has nothing to do with it. */
const shop =
  ({ version, exit = 0 }: Version) =>
  (host: Host) => {
    const write = `echo ${version} >> ${RUNS}/migrate; echo "no table called shop" >&2; exit ${exit}`;
    const migrate = new SystemdService(host, 'd-migrate', {
      command: ['/bin/sh', '-c', write],
      user: 'root',
      volumes: [`${RUNS}:${RUNS}`],
      oneshot: true,
    });
    const app = new SystemdService(host, 'd-app', {
      command: ['/bin/sh', '-c', `: ${version}; exec sleep infinity`],
      dependsOn: [migrate],
      health: { command: ['/bin/true'] },
    });
    new SystemdService(host, 'd-behind', {
      command: ['/bin/sh', '-c', `: ${version}; exec sleep infinity`],
      dependsOn: [app],
      health: { command: ['/bin/true'] },
    });
    new SystemdService(host, 'd-other', {
      command: ['/bin/sh', '-c', `: ${version}; exec sleep infinity`],
      health: { command: ['/bin/true'] },
    });
  };

const runsOf = async (job: string) => (await lab.sh(`cat ${RUNS}/"$1" 2>/dev/null || true`, job)).trim().split('\n');
/** Names of the jobs that have run, as often as they did. */
const runs = async () =>
  (await lab.sh(`cd ${RUNS}; for job in *; do sed "s/.*/$job/" "$job"; done`)).trim().replaceAll('\n', ' ');
const invocation = (unit: string) => lab.sh('systemctl show -P InvocationID "$1"', unit);

describeTerraformOnHost('a deploy', () => {
  let stack: EitherStack;
  const by = (rendering: Rendering) => {
    stack = new EitherStack('deploys', rendering);
    return stack;
  };
  beforeEach(() => lab.sh(`mkdir -p ${RUNS}`));
  afterEach(async () => {
    await stack.destroy();
    await lab.sh(`rm -rf ${RUNS}`);
  });

  test.each(RENDERINGS)('%s runs a job once for each change of what it runs', async (rendering) => {
    const stack = by(rendering);
    const deploy = (version: Version) => stack.deploy(shop(version));
    expect((await deploy({ version: 'one' })).exitCode).toBe(0);
    expect(await runsOf('migrate')).toEqual(['one']);
    expect((await deploy({ version: 'one' })).exitCode).toBe(0);
    expect(await stack.differences()).toBe('');
    // What somebody stops is repaired, and what the job left behind decides nothing.
    await lab.sh('systemctl stop d-app; rm /etc/systemd/system/d-other.service; systemctl daemon-reload');
    expect((await deploy({ version: 'one' })).exitCode).toBe(0);
    await practiceHost.restart();
    await lab.sh('systemctl is-system-running --wait || true');
    expect(await stack.differences()).toBe('');
    expect((await deploy({ version: 'one' })).exitCode).toBe(0);
    expect(await runsOf('migrate')).toEqual(['one']);
    expect((await deploy({ version: 'two' })).exitCode).toBe(0);
    expect(await runsOf('migrate')).toEqual(['one', 'two']);
    expect(await stack.differences()).toBe('');
  });

  test.each(RENDERINGS)('%s leaves what depends on a failed job as it was, and nothing else', async (rendering) => {
    const stack = by(rendering);
    await stack.deploy(shop({ version: 'one' }));
    const before = await Promise.all(['d-app', 'd-behind', 'd-other'].map(invocation));
    const text = await lab.sh('cat "$1"', appUnit);
    const { exitCode, output } = await stack.deploy(shop({ version: 'two', exit: 3 }));
    expect(exitCode).not.toBe(0);
    expect(output).toContain('it ended with exit code 3, expected it to end with exit code 0: no table called shop');
    if (rendering === 'bulkhead apply')
      expect(output).toContain('d-migrate, which it depends on, failed; d-app stays as it was');
    const after = await Promise.all(['d-app', 'd-behind', 'd-other'].map(invocation));
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toBe(before[2]);
    expect(await lab.sh('cat "$1"', appUnit)).toBe(text);
    expect(await lab.sh('systemctl is-active d-app d-behind d-other')).toBe('active\nactive\nactive\n');
    // It says what is still wanted, and does it once the cause is gone.
    expect(await stack.differences()).toContain('d-app');
    expect((await stack.deploy(shop({ version: 'two' }))).exitCode).toBe(0);
    expect(await runsOf('migrate')).toEqual(['one', 'two', 'two']);
    expect(await invocation('d-app')).not.toBe(before[0]);
    expect(await stack.differences()).toBe('');
  });

  test.each(RENDERINGS)('%s leaves what depends on a service that ends after 2 s as it was', async (rendering) => {
    const stack = by(rendering);
    const build = (version: string, script: string) => (host: Host) => {
      const db = new SystemdService(host, 'd-db', { command: ['/bin/sh', '-c', script], restart: 'no' });
      const command = ['/bin/sh', '-c', `: ${version}; exec sleep infinity`];
      const source = new ConfigFile(host, 'd-conf', { path: '/etc/d-conf', content: `${version}\n` });
      new SystemdService(host, 'd-app', {
        command,
        dependsOn: [db],
        health: { command: ['/bin/true'] },
        volumes: [{ source, target: '/mnt/conf', readOnly: true }],
      });
    };
    expect(await stack.deploy(build('one', 'exec sleep infinity'))).toMatchObject({ exitCode: 0 });
    const before = await invocation('d-app');
    const { exitCode, output } = await stack.deploy(build('two', 'sleep 2; echo "disk is full" >&2; exit 4'));
    expect(exitCode).not.toBe(0);
    expect(output).toContain('it ended with exit code 4, expected it to stay up: disk is full');
    expect(await invocation('d-app')).toBe(before);
    expect(await lab.sh('cat "$1"', appUnit)).toContain(': one;');
    expect(await lab.sh('cat /etc/d-conf')).toBe('one\n');
    expect(await stack.deploy(build('two', 'exec sleep infinity'))).toMatchObject({ exitCode: 0 });
    expect(await stack.differences()).toBe('');
  });

  test.each(RENDERINGS)(
    '%s runs jobs of containers, and leaves what a timer starts to the timer',
    async (rendering) => {
      const stack = by(rendering);
      const image = Image.ociArchive(images().ociArchive);
      const command = (name: string) => ['/bin/sh', '-c', `echo run >> /runs/${name}`];
      const build = (host: Host) => {
        const volumes = [`${RUNS}:/runs`] as const;
        const job = (name: string) => ({ image, command: command(name), volumes, oneshot: true }) as const;
        const podman = new PodmanService(host, 'd-podman', job('podman'));
        const closed = { network: 'none', dependsOn: [podman] } as const;
        new OciService(host, 'd-oci', { ...job('oci'), ...closed, privateUsers: false });
        new NspawnMachine(host, 'd-nspawn', { ...job('nspawn'), ...closed, privateUsers: false });
        new ContainerdService(host, 'd-containerd', { ...job('containerd'), ...closed });
        const service = new PodmanService(host, 'd-backup', job('backup'));
        new SystemdTimer(host, 'd-daily', { onCalendar: 'daily', service });
      };
      expect(await stack.deploy(build)).toMatchObject({ exitCode: 0 });
      expect(await stack.differences()).toBe('');
      expect(await runs()).toBe('containerd nspawn oci podman');
      await lab.sh('systemctl start d-backup.service');
      expect(await runsOf('backup')).toEqual(['run']);
      expect(await lab.sh('systemctl show -P Triggers d-daily.timer')).toBe('d-backup.service\n');
      expect(await stack.differences()).toBe('');
      await practiceHost.restart();
      // Hosts that use containerd have it enabled.
      await lab.sh('systemctl is-system-running --wait || true; systemctl start containerd');
      expect(await stack.differences()).toBe('');
      expect(await runs()).toBe('backup containerd nspawn oci podman');
    },
  );

  test.each(RENDERINGS)(
    '%s takes a unit for done whose condition is not met, and starts it once it does',
    async (rendering) => {
      const stack = by(rendering);
      const build = (host: Host) => {
        new SystemdService(host, 'd-condition', {
          command: ['/usr/bin/sleep', 'infinity'],
          directives: { Unit: { ConditionPathExists: `${RUNS}/there` } },
        });
      };
      const { exitCode, output } = await stack.deploy(build);
      expect(exitCode).toBe(0);
      if (rendering === 'bulkhead apply')
        expect(output).toContain(`its condition ConditionPathExists=${RUNS}/there is not met`);
      expect(await lab.sh('systemctl is-active d-condition || true')).toBe('inactive\n');
      expect(await stack.differences()).toBe('');
      await lab.sh(`touch ${RUNS}/there`);
      expect(await stack.differences()).toContain('d-condition');
      expect((await stack.deploy(build)).exitCode).toBe(0);
      expect(await lab.sh('systemctl is-active d-condition')).toBe('active\n');
    },
  );
});

import {
  ConfigFile,
  DockerDaemon,
  DockerNetwork,
  DockerService,
  type DockerServiceProps,
  DockerVolume,
  type Host,
  Image,
} from 'bulkhead';
import { bulkhead } from '../../cli/command';
import { inventory, lab } from '../host';
import type { Build, Stack } from '../stack';
import { Deployment, images } from '../synth';
import { startDocker, stopDocker } from './daemon';
import { describeDockerProvider, stackWithDocker } from './provider';

jest.setTimeout(600_000);

const UNIT = '/etc/systemd/system/t-web.service';
const image = () => Image.ociArchive(images().ociArchive);
/** Ends when it is asked to. */
const TERM = ['/bin/sh', '-c', 'trap "exit 0" TERM; httpd -p 80 -h /www; while :; do sleep 0.1; done'];
/** Never answers. */
const MUTE = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];

/** What differs between two answers of `docker inspect`, but for what is empty in one way or another, and the order. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  const isEmpty = (value: unknown) =>
    !value || (typeof value === 'object' && Object.values(value).every((item) => !item));
  if (isEmpty(a) && isEmpty(b)) return [];
  if (Array.isArray(a) && Array.isArray(b)) return sorted(a) === sorted(b) ? [] : [path];
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b ? [] : [path];
  const [left, right] = [a, b] as Readonly<Record<string, unknown>>[];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differences(left?.[key], right?.[key], `${path}.${key}`));
}

const sorted = (list: readonly unknown[]) => String(list.map((item) => JSON.stringify(item)).sort());

const inspect = async (name: string) => {
  const [answer] = JSON.parse(await lab.sh('docker inspect "$(cat "/run/bulkhead/docker/$1/container")"', name));
  const { Config, HostConfig, NetworkSettings } = answer;
  const networks = Object.entries<{ Aliases: unknown }>(NetworkSettings.Networks);
  return { Config, HostConfig, networks: Object.fromEntries(networks.map(([key, { Aliases }]) => [key, Aliases])) };
};

/** A service for each prop, and one with what they use. */
const PROPS: Readonly<Record<string, (host: Host) => Partial<DockerServiceProps>>> = {
  plain: () => ({}),
  command: () => ({ command: ['/bin/sh', '-c', 'exec sleep "$0"', '1000'] }),
  args: () => ({ args: ['/bin/httpd', '-f', '-p', '81', '-h', '/www'] }),
  directory: () => ({ workingDirectory: '/tmp' }),
  environment: () => ({ environment: { A: 'x ${HOME} %{ if } $$ "q" \\ é', B: '', C: 'a\nb' } }),
  ports: () => ({ ports: ['8401:80', '127.0.0.1:8402:81', '8403:53/udp', { ip: '::1', host: 8404, container: 82 }] }),
  volumes: (host) => ({
    volumes: [
      '/srv:/srv:ro',
      { source: new DockerVolume(host, 's-data', { removalPolicy: 'destroy' }), target: '/data' },
      { source: new ConfigFile(host, 's-file', { path: '/etc/s-file', content: 'x' }), target: '/etc/s' },
    ],
  }),
  tmpfs: () => ({ tmpfs: ['/tmp', '/run:size=1m,mode=755'], readOnlyRoot: true }),
  devices: () => ({ devices: ['/dev/null'] }),
  limits: () => ({ memory: '32M', cpu: 0.5, tasks: 30 }),
  rights: () => ({ capabilities: ['CAP_CHOWN', 'CAP_NET_RAW'], user: '1000:1000', command: ['/bin/sleep', '1000'] }),
  ulimits: () => ({ ulimits: { nofile: { soft: 100, hard: 200 }, core: 0 }, shmSize: '3M', hostname: 'a.example.org' }),
  groups: () => ({ groups: ['27', '31'] }),
  stop: () => ({ stopSignal: 'SIGINT', stopTimeout: '3s' }),
  labels: () => ({ labels: { 'org.example.a': 'x y', b: '' } }),
  host: () => ({ network: 'host', args: ['/bin/httpd', '-f', '-p', '8405', '-h', '/www'] }),
  none: () => ({ network: 'none' }),
  bridge: (host) => ({ network: new DockerNetwork(host, 's-net', { subnet: '10.95.0.0/24' }) }),
  routed: (host) => {
    const daemon = new DockerDaemon(host, 's-docker');
    return { network: host.network, dependsOn: [daemon] };
  },
};

const everyProp = (host: Host): void => {
  for (const [name, props] of Object.entries(PROPS))
    new DockerService(host, `s-${name}`, { image: image(), stopTimeout: '1s', ...props(host) });
};

describeDockerProvider('with the docker provider of Terraform', () => {
  let before: string;
  let stack: Stack;
  beforeAll(async () => {
    await startDocker();
    before = await inventory();
  });
  afterAll(() => stopDocker());

  describe('every prop', () => {
    let provided: Record<string, object>;
    const inspectAll = async () => {
      const all: Record<string, object> = {};
      for (const name of Object.keys(PROPS)) all[name] = await inspect(`s-${name}`);
      return all;
    };
    beforeAll(async () => {
      stack = stackWithDocker('sweep');
      await stack.apply(everyProp);
    });
    afterAll(() => stack.cleanUp());

    test('has two empty plans in a row, with all that runs and with all that is stopped', async () => {
      expect(await stack.plan()).toBe('');
      expect(await stack.plan()).toBe('');
      provided = await inspectAll();
      await lab.sh('docker ps -q | xargs docker kill >/dev/null; sleep 3');
      expect(await stack.plan()).toBe('');
    });

    test('leaves nothing when it is destroyed', async () => {
      await stack.destroy();
      expect(await inventory()).toBe(before);
    });

    test('is the same container that the engine makes, but for what the provider adds', async () => {
      const deployment = new Deployment('sweep', everyProp);
      await deployment.apply();
      const made = await inspectAll();
      await deployment.destroy();
      deployment.cleanUp();
      const found = Object.keys(PROPS).flatMap((name) => differences(made[name], provided[name], name));
      // The provider also says what is mounted where an image says it.
      expect(found).toEqual(['volumes.Config.Volumes', 'routed.Config.Volumes']);
    });
  });

  describe('a service', () => {
    const build =
      (word: string, memory: '32M' | '64M' = '32M', command: readonly string[] = TERM): Build =>
      (host) => {
        const props = {
          image: image(),
          command,
          stopSignal: 'SIGTERM' as const,
          memory,
          environment: { WORD: word },
        };
        new DockerService(host, 't-web', {
          ...props,
          ports: ['8406:80'],
          health: { http: 'http://localhost/', timeout: '5s' },
        });
        new DockerService(host, 't-other', { image: image(), command: TERM, stopSignal: 'SIGTERM' });
      };
    const events = (since: string) =>
      lab.sh(
        `docker events --since "$1" --until "$(($(date +%s) + 1))" --filter type=container --format '{{.Action}} {{.Actor.Attributes.name}}' |
          sed -n 's/^\\(create\\|start\\|stop\\|destroy\\) \\(.*\\)-[0-9a-f]*$/\\1 \\2/p'`,
        since,
      );
    const now = async () => (await lab.sh('sleep 1; date +%s')).trim();

    beforeAll(async () => {
      stack = stackWithDocker('docker');
      await stack.apply(build('one'));
    });
    afterAll(() => stack.cleanUp());

    test('answers', async () => {
      expect(await lab.sh('curl -sf localhost:8406')).toContain('It works');
      expect(await stack.plan()).toBe('');
    });

    test('that changes is stopped once and started once, and the other one is not touched', async () => {
      const since = await now();
      await stack.apply(build('two'));
      expect(await events(since)).toBe('create t-web\nstop t-web\nstart t-web\ndestroy t-web\n');
      expect(await lab.sh('curl -sf localhost:8406')).toContain('It works');
      expect(await stack.plan()).toBe('');
    });

    test('gets more memory in place', async () => {
      const since = await now();
      await stack.apply(build('two', '64M'));
      expect(await events(since)).toBe('');
      expect((await inspect('t-web')).HostConfig.Memory).toBe(64 * 2 ** 20);
      expect(await stack.plan()).toBe('');
    });

    test('whose change fails runs its old container again, which a reverted change replaces once it is renamed', async () => {
      const answer = () => lab.sh('curl -sf --retry 5 --retry-connrefused localhost:8406');
      await stack.prepare(build('two', '64M', MUTE));
      const failed = await stack.terraform.run(['apply', '-no-color', '-auto-approve']);
      expect(failed.exitCode).toBe(1);
      expect(failed.output).toContain('t-web runs its previous version again');
      expect(await answer()).toContain('It works');
      expect(await stack.plan()).toContain('t-web');
      // The old container has the name that the reverted change wants.
      await stack.prepare(build('two', '64M'));
      const refused = await stack.terraform.run(['apply', '-no-color', '-auto-approve']);
      expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining('is already in use') });
      expect(await answer()).toContain('It works');
      await lab.sh('docker rename "$(cat /run/bulkhead/docker/t-web/container)" t-web-old');
      await stack.apply(build('two', '64M'));
      expect(await answer()).toContain('It works');
      expect(await lab.sh('docker ps --all --format {{.Names}} | grep -c ^t-web-')).toBe('1\n');
      expect(await stack.plan()).toBe('');
    });

    test('is not rolled back by hand to a container that is deleted', async () => {
      const { code, stdout, stderr } = await bulkhead([
        'rollback',
        't-web',
        '--auto-approve',
        '--bundle',
        stack.bundle,
      ]);
      expect(code).toBe(1);
      expect(stdout + stderr).toContain(
        'another Terraform provider made its previous container, and has deleted it since',
      );
      expect(await lab.sh('curl -sf localhost:8406')).toContain('It works');
    });

    test('whose container is missing fails to start', async () => {
      const start = lab.sh(
        'docker rm -f "$(cat "/run/bulkhead/docker/$1/container")" >/dev/null; systemctl restart "$1"',
        't-other',
      );
      await expect(start).rejects.toThrow();
      await stack.apply(build('two', '64M'));
      expect(await stack.plan()).toBe('');
    });

    test.each([
      ['removed', 'docker rm -f "$1" >/dev/null; sleep 1', /docker_container\.\S+ will be created/],
      ['stopped', 'docker stop "$1" >/dev/null; sleep 1', /start t-web\.service: is inactive/],
      ['given more memory', 'docker update --memory 128m --memory-swap 128m "$1" >/dev/null', /~ memory +=/],
      ['started by docker itself', 'docker update --restart always "$1" >/dev/null', /~ restart +=/],
      ['renamed', 'docker rename "$1" t-renamed', /~ name +=.*forces replacement/],
      ['stopped with its unit', 'systemctl stop t-web', /start t-web\.service: is inactive/],
      ['run by another unit file', `echo '# edited' >> ${UNIT}`, /t-web\.service content differs/],
      ['not started at boot', 'systemctl disable --quiet t-web', /t-web\.service is disabled/],
      ['readable by others', `chmod 0666 ${UNIT}`, /~ mode += "0666"/],
      [
        'running from an image without a name',
        'docker rmi -f $(docker image ls --format "{{.Repository}}:{{.Tag}}" "localhost/*") >/dev/null',
        /docker-image:localhost\S+ is missing/,
      ],
    ])('that is %s is told of and repaired', async (_, mutation, expected) => {
      await lab.sh(`${mutation}`, (await lab.sh('cat /run/bulkhead/docker/t-web/container')).trim());
      expect(await stack.plan()).toMatch(expected);
      await stack.apply(build('two', '64M'));
      expect(await lab.sh('curl -sf localhost:8406')).toContain('It works');
      expect(await stack.plan()).toBe('');
    });

    test('leaves nothing when it is destroyed', async () => {
      await stack.destroy();
      expect(await inventory()).toBe(before);
    });
  });
});

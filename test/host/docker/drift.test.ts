import { ConfigFile, DockerNetwork, DockerService, DockerVolume, type Host, Image } from 'bulkhead';
import { describeHost, inventory, lab } from '../host';
import { Deployment, images } from '../synth';
import { startDocker, stopDocker } from './daemon';

const image = () => Image.ociArchive(images().ociArchive);
const FILE = '/etc/systemd/system/d-web.service';

function build(host: Host): void {
  const network = new DockerNetwork(host, 'd-net', { subnet: '10.94.0.0/24' });
  const data = new DockerVolume(host, 'd-data', { removalPolicy: 'destroy' });
  const source = new ConfigFile(host, 'd-file', { path: '/etc/d-web.conf', content: 'as it is\n' });
  new DockerService(host, 'd-web', {
    image: image(),
    network,
    ports: ['8095:80'],
    environment: { A: '1' },
    memory: '64M',
    tasks: 40,
    volumes: [
      { source: data, target: '/data' },
      { source, target: '/etc/web.conf' },
    ],
    tmpfs: ['/tmp'],
    readOnlyRoot: true,
    health: { http: 'http://localhost/' },
    stopTimeout: '1s',
  });
  new DockerService(host, 'd-other', { image: image(), ports: ['8096:80'], stopTimeout: '1s' });
}

/** What was done behind Bulkhead's back to the container `$1`, and what the plan says of it. */
const ROWS: readonly (readonly [string, string, RegExp])[] = [
  ['removed', 'docker rm -f "$1"', /^make docker-container:d-web-.*: is missing$/],
  ['stopped', 'systemctl stop d-web', /^start d-web.service: (is inactive|has failed)/],
  ['paused', 'docker pause "$1"', /^make docker-container:d-web-.*: is paused$/],
  ['renamed', 'docker rename "$1" d-renamed', /^make docker-container:d-web-.*: is missing$/],
  [
    'given more memory',
    'docker update --memory 128m --memory-swap 128m "$1"',
    /^make .*: differs in HostConfig.Memory, HostConfig.MemorySwap$/,
  ],
  ['given more processes', 'docker update --pids-limit 400 "$1"', /^make .*: differs in HostConfig.PidsLimit$/],
  ['started by docker itself', 'docker update --restart always "$1"', /^make .*: differs in HostConfig.RestartPolicy$/],
  [
    'put on another network',
    'docker network connect bridge "$1"',
    /^place .*: is another container: it differs in Networks$/,
  ],
  [
    'replaced by one with more rights',
    'image=$(docker inspect -f "{{.Image}}" "$1"); docker rm -f "$1"; docker create --name "$1" --privileged "$image"',
    /^place .*: is another container: it differs in .*HostConfig.Privileged/,
  ],
  [
    'running from an image without a name',
    'docker rmi -f "$(docker image ls -q --no-trunc --filter reference="localhost/*" --format "{{.Repository}}:{{.Tag}}" | head -n 1)"',
    /^load docker-image:localhost.*: is missing$/,
  ],
  ['mounting another file', 'echo other > /etc/d-web.conf', /^write \/etc\/d-web.conf: content differs$/],
  [
    'run by another unit file',
    `sed -i s/RestartSec=2/RestartSec=3/ ${FILE}`,
    /^write \/etc\/systemd\/system\/d-web.service/,
  ],
  ['not started at boot', 'systemctl disable d-web', /^enable d-web.service: is disabled$/],
  [
    'not running, since docker is stopped',
    'systemctl stop docker.socket docker.service',
    /^make .*: docker is not running$/,
  ],
];

describeHost('a container of docker', () => {
  let before: string;
  let deployment: Deployment;
  const nameOf = () => {
    const keys = deployment.manifests.flatMap(({ objects }) => Object.keys(objects));
    return keys.find((key) => key.startsWith('docker-container:d-web-'))?.split(':')[1] ?? '';
  };
  const answers = (port: number) => lab.sh('curl -sf --retry 5 --retry-connrefused "localhost:$1"', String(port));
  const started = () =>
    lab.sh('docker inspect -f "{{.Id}} {{.State.StartedAt}}" "$(cat /run/bulkhead/docker/d-other/container)"');

  beforeAll(async () => {
    await startDocker();
    before = await inventory();
    deployment = new Deployment('docker-test', build);
    await deployment.apply();
  });

  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    const after = await inventory();
    await stopDocker();
    expect(after).toBe(before);
  });

  test('answers, and two further plans are empty', async () => {
    expect(await answers(8095)).toContain('It works');
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  test('says what it says in the journal of its unit, once', async () => {
    await lab.sh(
      'docker exec "$(cat /run/bulkhead/docker/d-web/container)" sh -c "echo hello from inside > /proc/1/fd/1"',
    );
    const said = await lab.sh('journalctl --sync; journalctl -o cat --since -1min | grep -c "hello from inside"');
    expect(said).toBe('1\n');
    expect(await lab.sh('journalctl -o cat -u d-web --since -1min | grep -c "hello from inside"')).toBe('1\n');
  });

  test.each(ROWS)('that is %s is told of and repaired, and no other is touched', async (what, mutation, expected) => {
    const other = await started();
    await lab.sh(mutation, nameOf());
    expect(await deployment.differences()).toContainEqual(expect.stringMatching(expected));
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await answers(8095)).toContain('It works');
    if (what !== 'not running, since docker is stopped') expect(await started()).toBe(other);
    await lab.sh('docker rm -f d-renamed >/dev/null 2>&1 || true');
  });

  test('that takes more than its limits is stopped or refused', async () => {
    const inside = (script: string) => lab.run(['docker', 'exec', nameOf(), 'sh', '-c', script]);
    // tail(1) keeps it all, since it has no line break.
    expect((await inside('head -c 200m /dev/zero | tail >/dev/null')).exitCode).not.toBe(0);
    expect(
      await lab.sh(
        'dmesg | grep -c "Memory cgroup out of memory" || cat /sys/fs/cgroup/memory/docker/*/memory.oom_control | grep -c .',
      ),
    ).not.toBe('0\n');
    // The kernel may have chosen the server, which its unit then starts again.
    await lab.sh('for try in $(seq 300); do ! docker exec "$1" true 2>/dev/null || break; sleep 0.1; done', nameOf());
    const { stderr } = await inside('for i in $(seq 60); do sleep 2 & done; wait');
    expect(stderr).toContain("can't fork");
  });
});

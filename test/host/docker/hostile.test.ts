import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerService, type DockerServiceProps, Host, Image } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { ADDRESS, describeHost, inventory, lab } from '../host';
import { NAMES, type Name, VALUES } from '../hostile-values';
import { readProcess } from '../running';
import { Deployment, images } from '../synth';
import { startDocker, stopDocker } from './daemon';
import { describeDockerProvider, stackWithDocker } from './provider';

const image = () => Image.ociArchive(images().ociArchive);
/** Does nothing, whatever its words. */
const IDLE = ['/bin/sh', '-c', 'while :; do sleep 1; done', 'sh'];
const propsWith = (name: Name): Partial<DockerServiceProps> => ({
  environment: { VALUE: VALUES[name] },
  command: [...IDLE, VALUES[name]],
});

const ROOT = '/srv/hostile-docker';
const pathsWith = (name: Name): Partial<DockerServiceProps> => ({
  volumes: [
    { source: `${ROOT}/${NAMES.indexOf(name)}${VALUES[name]}`, target: `/v/${NAMES.indexOf(name)}${VALUES[name]}` },
  ],
});

/** What synthesis says of a value, if it refuses it. */
function refused(name: Name, propsWith: (name: Name) => Partial<DockerServiceProps>): string | undefined {
  const outdir = mkdtempSync(join(tmpdir(), 'bulkhead-hostile-'));
  try {
    const host = new Host(new TerraformStack(new App({ outdir }), 'hostile'), 'host', { address: ADDRESS });
    new DockerService(host, 'web', { image: image(), ...propsWith(name) });
    return host.node.findAll().flatMap(({ node }) => node.validate())[0];
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

const taken = NAMES.filter((name) => refused(name, propsWith) === undefined);
const mounted = NAMES.filter((name) => refused(name, pathsWith) === undefined);

const build = (host: Host): void => {
  const environment = Object.fromEntries(taken.map((name) => [`V${NAMES.indexOf(name)}`, VALUES[name]]));
  const command = [...IDLE, ...taken.map((name) => VALUES[name])];
  const volumes = mounted.flatMap((name) => pathsWith(name).volumes ?? []);
  new DockerService(host, 'h-docker', { image: image(), environment, command, volumes, stopTimeout: '1s' });
};

async function expectUnchanged(): Promise<void> {
  const pid = await lab.sh('docker inspect -f "{{.State.Pid}}" "$(cat /run/bulkhead/docker/h-docker/container)"');
  const { argv, environment, mounts } = await readProcess(pid.trim());
  for (const [index, name] of taken.entries()) {
    expect({ name, value: argv[IDLE.length + index] }).toEqual({ name, value: VALUES[name] });
    expect({ name, value: environment[`V${NAMES.indexOf(name)}`] }).toEqual({ name, value: VALUES[name] });
  }
  for (const name of mounted) {
    const path = `${NAMES.indexOf(name)}${VALUES[name]}`;
    expect({ name, from: mounts.get(`/v/${path}`) }).toEqual({ name, from: expect.stringMatching(/hostile-docker/) });
    expect(mounts.get(`/v/${path}`)?.endsWith(`/${path}`)).toBe(true);
  }
}

test('only paths that docker or a unit file can not hold are refused, with their construct path', () => {
  const others = NAMES.filter((name) => !mounted.includes(name));
  for (const name of others) expect(refused(name, pathsWith)).toMatch(/\(at hostile\/host\/web/);
  expect(others).toEqual([
    'backslash at the end',
    'line break',
    'lines of a unit',
    'carriage return',
    'CR and LF',
    'decomposed',
    'blank',
    'blanks around',
    'tabs around',
    'colon',
    'colon after a backslash',
    'NUL byte',
    'surrogate',
    'no character',
  ]);
});

test('only what no process can be given, and what Terraform changes, is refused', () => {
  expect(NAMES.filter((name) => !taken.includes(name))).toEqual(['decomposed', 'NUL byte', 'surrogate']);
  expect(refused('NUL byte', propsWith)).toMatch(/is not a valid argument of a process.*\(at hostile\/host\/web\)$/);
});

describeHost('hostile values', () => {
  let before: string;
  beforeAll(async () => {
    await startDocker();
    before = await inventory();
    const paths = mounted.map((name) => `${ROOT}/${NAMES.indexOf(name)}${VALUES[name]}`);
    await lab.sh('mkdir -p -- "$@"', ...paths);
  });
  afterAll(async () => {
    await lab.sh('rm -r --one-file-system "$1"', ROOT);
    const after = await inventory();
    await stopDocker();
    expect(after).toBe(before);
  });

  test('arrive in the process as they are', async () => {
    const deployment = new Deployment('hostile-docker', build);
    try {
      await deployment.apply();
      await expectUnchanged();
      expect(await deployment.differences()).toEqual([]);
    } finally {
      await deployment.destroy();
      deployment.cleanUp();
    }
  });

  describeDockerProvider('with the docker provider of Terraform', () => {
    test('arrive in the process as they are', async () => {
      const stack = stackWithDocker('hostile-docker');
      try {
        await stack.apply(build);
        await expectUnchanged();
        expect(await stack.plan()).toBe('');
      } finally {
        await stack.destroy();
        stack.cleanUp();
      }
    });
  });
});

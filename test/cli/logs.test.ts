import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { bulkhead, directory, start } from './command';

/** Programs of a host that is this machine: a journal of one line, and a sudo for tests that do not run as root. */
const programs = directory({
  journalctl: '#!/bin/sh\necho "from $*"\ncase $* in *--follow*) exec sleep 600; esac\n',
  sudo: '#!/bin/sh\nshift 2\nexec "$@"\n',
});
for (const name of ['journalctl', 'sudo']) chmodSync(join(programs, name), 0o755);
const env = { PATH: `${programs}:${process.env.PATH}` };

function host(id: string, address: string) {
  const path = `shop/${id}`;
  const service = { name: id, stack: 'shop', path: `${path}/${id}`, runtime: 'systemd', objects: {}, files: {} };
  return { id, path, address, manifests: [{ ...service, units: { [`${id}.service`]: { restartOn: [] } } }] };
}

/** Nothing listens on port 1 of this machine. The host "dead" has a journal of the system and one of a user. */
const dead = host('dead', 'ssh://root@127.0.0.1:1');
const ofUser = dead.manifests.map((manifest) => ({ ...manifest, name: 'own', path: 'shop/dead/own', user: 'runner' }));
const hosts = [{ ...dead, manifests: [...dead.manifests, ...ofUser] }, host('alive', 'local')];
const bundle = () => ['--bundle', directory({ 'bundle.json': { stack: 'shop', hosts } })];

const MESSAGE = /^Cannot reach "ssh:\/\/root@127\.0\.0\.1:1": nothing accepts connections .* \(at shop\/dead\)/;

describe('a host that does not answer', () => {
  test('is one error, and the logs of the other hosts are shown', async () => {
    const { stdout, stderr, code } = await bulkhead(['logs', ...bundle()], { env });
    expect(stdout).toMatch(/^from .* --unit=alive\.service\n$/);
    expect(stderr).toMatch(MESSAGE);
    expect(stderr.match(/Cannot reach/g)).toHaveLength(1);
    expect(stderr).toContain('\n  do: ');
    expect(code).toBe(1);
  });

  test('does not keep the logs of the other hosts from being followed', async () => {
    const { child, finished } = start(['logs', '--follow', ...bundle()], { env });
    const said = [child.stdout, child.stderr].map((stream) => new Promise((done) => stream?.once('data', done)));
    await Promise.all(said);
    child.kill('SIGINT');
    const { stdout, stderr, code } = await finished;
    expect(stdout).toMatch(/^from .* --unit=alive\.service\n$/);
    expect(stderr).toMatch(MESSAGE);
    expect(code).toBe(130);
  });

  test('is an object in a line of its own for --json', async () => {
    const { stdout, stderr, code } = await bulkhead(['logs', '--json', 'dead', ...bundle()], { env });
    expect(JSON.parse(stdout)).toEqual({
      error: { message: expect.stringMatching(MESSAGE), advice: expect.any(String) },
    });
    expect({ stderr, code }).toEqual({ stderr: '', code: 1 });
  });
});

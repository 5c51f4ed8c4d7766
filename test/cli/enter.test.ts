import { spawn, spawnSync } from 'node:child_process';
import { ENTER } from '../../lib/cli/enter/namespaces';
import { RUNTIMES } from '../../lib/cli/enter/runtimes';
import type { Manifest } from '../../lib/manifest';
import { filePart, manifest } from './fixtures';

const UNITS = { 'web.service': { state: 'active', restartOn: [] } };

function entry(runtime: string, more: Partial<Manifest> = {}, tty = false) {
  return RUNTIMES[runtime]?.(manifest('web', { runtime, units: UNITS, ...more }), tty);
}

test('containers are entered by the exec of what runs them', () => {
  const files = { '/etc/containers/systemd/web.container': filePart('') };
  expect(entry('podman', { files })).toEqual(['podman', 'exec', '--interactive', 'web']);
  expect(entry('podman', { files }, true)).toEqual(['podman', 'exec', '--interactive', '--tty', 'web']);
  const crun = entry('oci', { requires: { crun: { why: 'for it' } } }, true);
  expect(crun).toEqual(['crun', '--root', '/run/bulkhead-oci/web/state', 'exec', '--tty', 'web']);
  expect(entry('containerd')).toEqual(['runc', '--root', '/run/containerd/runc/bulkhead', 'exec', 'web']);
});

test.each([
  ['docker', 'docker container exec --interactive "$(cat "$0")" "$@"'],
  ['oci', 'runc --root'],
  ['nspawn', 'machinectl show --property=Leader'],
  ['lxc', 'lxc-attach -P /var/lib/lxc -n "$0"'],
  ['incus', 'incus --force-local exec "$0"'],
  ['lxd', 'lxc --force-local exec "$0"'],
  ['systemd', 'systemctl show --property=MainPID'],
  ['portable', 'systemctl show --property=MainPID'],
])('%s is entered by a script that sh can read, and no value is in its text', (runtime, words) => {
  for (const tty of [false, true]) {
    const found = entry(runtime, {}, tty);
    const [sh, c, text = '', ...rest] = Array.isArray(found) ? found : [];
    expect([sh, c]).toEqual(['sh', '-c']);
    expect(text.replaceAll(/ --(?:tty|t) /g, ' ')).toContain(words.replaceAll(/ --(?:tty|t) /g, ' '));
    expect(text).not.toContain('web');
    expect(rest).toHaveLength(1);
    expect(spawnSync('sh', ['-n', '-c', text])).toMatchObject({ status: 0 });
  }
});

test('what has no program, or one that nothing on the host can enter, says what to do', () => {
  expect(entry('qemu')).toMatchObject({
    problem: expect.stringContaining('virtual machine'),
    advice: expect.any(String),
  });
  expect(entry('podman')).toMatchObject({ advice: expect.stringContaining('podman exec') });
  expect(entry('systemd', { units: { 'web.timer': UNITS['web.service'] } })).toMatchObject({
    problem: 'it has no program',
  });
  expect(entry('file')).toBeUndefined();
});

const isRoot = process.getuid?.() === 0;

(isRoot ? describe : describe.skip)(`a process is entered${isRoot ? '' : ' (skipped: not root)'}`, () => {
  const GREP = ['grep', '-E', '^(Uid|CapEff|NoNewPrivs)', '/proc/self/status'];
  const processes: { kill(): void }[] = [];
  afterEach(() => {
    for (const each of processes.splice(0)) each.kill();
  });

  /** Starts a process that waits, and returns its number once it runs as these words say. */
  async function waiting(...words: readonly string[]): Promise<string> {
    const child = spawn('setpriv', [...words, '--', 'sh', '-c', 'echo runs; exec sleep 100']);
    processes.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return String(child.pid);
  }
  const enter = (pid: string, ...words: readonly string[]) =>
    spawnSync('sh', ['-c', `${ENTER}enter "$0" "$@"`, 'web', pid, ...words], { input: 'in', encoding: 'utf8' });

  test('as its user and its group, with no way to become another one', async () => {
    const pid = await waiting('--reuid=1234', '--regid=1235', '--clear-groups');
    const { stdout, stderr, status } = enter(pid, 'sh', '-c', 'id -u; id -G; cat; exit 7');
    expect({ stdout, stderr, status }).toEqual({ stdout: '1234\n1235\nin', stderr: '', status: 7 });
    expect(enter(pid, ...GREP).stdout).toBe(
      'Uid:\t1234\t1234\t1234\t1234\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n',
    );
  });

  test('as root with no more capabilities than it may have', async () => {
    const pid = await waiting('--bounding-set=-all,+chown');
    expect(enter(pid, ...GREP).stdout).toBe('Uid:\t0\t0\t0\t0\nCapEff:\t0000000000000001\nNoNewPrivs:\t1\n');
  });

  test.each([['0'], [''], ['4194305']])('not when its number is %j', (pid) => {
    expect(enter(pid, 'true')).toMatchObject({
      stderr: expect.stringMatching(/^Cannot enter web: its? /),
      status: 125,
    });
  });
});

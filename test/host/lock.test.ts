import { ConfigFile, type Host, SystemdService, User } from 'bulkhead';
import { tryLock } from '../../lib/engine';
import { bulkhead, start } from '../cli/command';
import { whileHeldAt } from './cut-off';
import { describeHost, host, lab } from './host';
import { Deployment } from './synth';

jest.setTimeout(240_000);

const PATH = '/etc/lo-file.conf';

describeHost('the lock of a host', () => {
  const made: Deployment[] = [];
  const deployment = (build: (host: Host) => void, stack = 'lo-stack') => {
    const next = new Deployment(stack, build);
    made.push(next);
    return next;
  };
  /** A file of that content, and perhaps a unit, which has to be stopped before the file changes when it goes. */
  const withFile = (content: string, unit: 'with unit' | 'without unit') =>
    deployment((host) => {
      new ConfigFile(host, 'lo-file', { path: PATH, content });
      if (unit === 'with unit') new SystemdService(host, 'lo-unit', { command: ['/usr/bin/sleep', 'infinity'] });
    });
  const applying = ({ directory }: Deployment) => ['apply', '--auto-approve', '--bundle', directory];

  afterEach(async () => {
    for (const each of made.splice(0).reverse()) {
      await each.destroy();
      each.cleanUp();
    }
  });

  test('is not what others can lock', async () => {
    // As systemd makes it for a unit that starts before the first apply.
    await lab.sh('install -d -m 755 /run/bulkhead');
    const files = ['/', '/etc', '/run', '/run/systemd/system', '/run/bulkhead'];
    const units = files.map((_, index) => `lo-${index}`);
    for (const [index, file] of files.entries())
      await lab.sh('systemd-run --quiet --unit="$1" --uid=nobody flock "$2" sleep infinity', `lo-${index}`, file);
    try {
      const stack = deployment((host) => {
        const user = new User(host, 'lo-user');
        new ConfigFile(host, 'lo-file', { path: PATH, content: 'x\n', owner: 'lo-user', dependsOn: [user] });
      });
      expect(await bulkhead(applying(stack))).toMatchObject({ code: 0, stderr: '' });
      expect(await bulkhead(['plan', '--detailed-exitcode', '--bundle', stack.directory])).toMatchObject({ code: 0 });
      expect(
        await lab.sh('stat -c "%A %U" /run/bulkhead; setpriv --reuid=nobody ls /run/bulkhead 2>&1 || true'),
      ).toMatch(/^drwx------ root\n.*Permission denied/);
      await stack.destroy();
    } finally {
      await lab.sh('systemctl stop "$@"', ...units);
    }
  });

  test('counts no longer once what holds it has ended', async () => {
    const first = await tryLock(host());
    expect(
      await first?.transport.run(['sh', '-c', 'cat; exit "$1"', 'sh', '7'], { input: Buffer.from('a b') }),
    ).toEqual({
      exitCode: 7,
      stdout: Buffer.from('a b'),
      stderr: '',
    });
    expect(await tryLock(host())).toBeUndefined();
    await lab.sh('read -r _ holder < /run/bulkhead/token; kill "$holder"');
    await expect(first?.transport.run(['touch', '/run/lo-late'])).rejects.toThrow('the lock was lost');
    const second = await tryLock(host());
    await expect(first?.transport.run(['touch', '/run/lo-late'])).rejects.toThrow('the lock was lost');
    expect(await second?.transport.run(['ls', '/run/lo-late'])).toMatchObject({ exitCode: 2 });
    await second?.release();
  });

  test('is had only once what an apply that has lost it still runs has ended', async () => {
    const first = await tryLock(host());
    const running = first?.transport.run(['sh', '-c', 'touch /run/lo-begun; sleep 1000; touch /run/lo-late']);
    const lost = expect(running).rejects.toThrow('the lock was lost');
    await lab.sh(`timeout 60 sh -c 'until [ -e /run/lo-begun ]; do sleep 0.1; done'
      read -r _ holder < /run/bulkhead/token; kill "$holder"`);
    const second = await tryLock(host());
    await lost;
    expect(await second?.transport.run(['ls', '/run/lo-late'])).toMatchObject({ exitCode: 2 });
    await second?.release();
    await lab.sh('rm /run/lo-begun');
  });

  test('is waited for, and who holds it is told', async () => {
    await whileHeldAt('daemon-reload', async ({ reached, goOn }) => {
      const first = start(applying(withFile('first\n', 'with unit')));
      await reached();
      const second = start(applying(withFile('second\n', 'without unit')));
      const told = new Promise<string>((resolve) => {
        let text = '';
        for (const stream of [second.child.stdout, second.child.stderr])
          stream?.on('data', (chunk) => {
            text += chunk;
            if (/waiting/.test(text)) resolve(text);
          });
      });
      expect(await told).toMatch(/waiting for the apply of \S+@\S+, since \d+ s\n/);
      await goOn();
      expect(await first.finished).toMatchObject({ code: 0 });
      expect(await second.finished).toMatchObject({ code: 0 });
    });
    expect(await lab.sh('cat "$1"', PATH)).toBe('second\n');
  });

  test('is lost by an apply that is stopped for longer than the host is patient, and which then writes nothing', async () => {
    await withFile('before\n', 'with unit').apply();
    const [old, next] = [withFile('old\n', 'without unit'), withFile('new\n', 'with unit')];
    await whileHeldAt('stop', async ({ reached, goOn }) => {
      const { child, finished } = start(applying(old));
      await reached();
      child.kill('SIGSTOP');
      try {
        await goOn();
        expect(await bulkhead(applying(next))).toMatchObject({ code: 0 });
      } finally {
        child.kill('SIGCONT');
      }
      const { code, stderr, stdout } = await finished;
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(/the lock was lost.*\n.*do: apply again/s);
    });
    expect(await lab.sh('cat "$1"; systemctl is-active lo-unit', PATH)).toBe('new\nactive\n');
    expect(await next.differences()).toEqual([]);
  });
});

import { SystemdService } from 'bulkhead';
import { apply } from '../../lib/engine';
import { lock } from '../../lib/engine/lock';
import { type Command, runInSequence } from '../../lib/engine/sequence';
import { tarOf } from '../../lib/engine/tar';
import type { Transport } from '../../lib/transport';
import { describeHost, host } from './host';
import { Deployment } from './synth';

const purpose = { action: 'try it' };

describeHost('commands in sequence', () => {
  /** What each of them printed. */
  async function outputs(commands: readonly Command[]): Promise<string[]> {
    const said: string[] = [];
    const ended = ({ stdout }: { stdout: Buffer }) => void said.push(stdout.toString());
    await runInSequence(
      host(),
      commands.map((command) => ({ ...command, ended })),
    );
    return said;
  }

  test('each get their words and their input as they are, whatever the ones before have read', async () => {
    const words = ['', ' ', '$(id)', '`id`', '"', "'", '\\', 'a\nb', '*', '-n', 'ü'];
    const input = Buffer.from('a\0b\n'.repeat(50_000));
    const said = await outputs([
      { argv: ['sh', '-c', 'head -c 3'], input, purpose },
      { argv: ['true'], input, purpose },
      { argv: ['printf', '%s|', ...words], purpose },
      { argv: ['sha256sum'], input, purpose },
      { argv: ['sha256sum'], input: Buffer.concat([input, input]), purpose },
      { argv: ['sh', '-c', 'cat; umask'], purpose },
    ]);
    const [, , , once, twice] = said;
    expect(said.slice(0, 3)).toEqual(['a\0b', '', `${words.join('|')}|`]);
    expect(once).toMatch(/^[0-9a-f]{64} /);
    expect(twice).toMatch(/^[0-9a-f]{64} /);
    expect(once).not.toBe(twice);
    expect(said[5]).toBe('0022\n');
  });

  test('read archives that hold files of any size', async () => {
    const files = [0, 1, 511, 512, 100_000].map((size) => ({
      path: `size-${size}`,
      content: 'x'.repeat(size),
      mode: '0600',
      owner: 'root',
      group: 'root',
    }));
    const list = { argv: ['sh', '-c', 'tar -t -v -f - | awk "{print \\$3, \\$6}"'], purpose };
    const [first, second] = await outputs([
      { ...list, input: await tarOf(files) },
      { ...list, input: await tarOf(files.slice(0, 1)) },
    ]);
    expect(first).toBe('0 size-0\n1 size-1\n511 size-511\n512 size-512\n100000 size-100000\n');
    expect(second).toBe('0 size-0\n');
  });

  test('end with the first that fails and may not, which is named', async () => {
    const fails = { argv: ['sh', '-c', 'echo said >&2; exit 7'], purpose };
    await expect(
      outputs([
        { ...fails, mayFail: true },
        { argv: ['echo', 'goes on'], purpose },
      ]),
    ).resolves.toEqual(['', 'goes on\n']);
    const told: string[] = [];
    const after = { argv: ['touch', '/srv/sequence-went-on'], purpose, ended: () => void told.push('ran') };
    await expect(runInSequence(host(), [fails, after])).rejects.toThrow(
      /^Cannot try it on .*: the command failed with exit code 7/,
    );
    expect(told).toEqual([]);
    const { stdout } = await host().run(['sh', '-c', 'ls /srv/sequence-went-on /run/bulkhead/sequence.* 2>/dev/null']);
    expect(stdout.toString()).toBe('');
  });

  test('what a killed sequence has left is removed by the next apply', async () => {
    await host().run(['mkdir', '-p', '/run/bulkhead/sequence.killed']);
    const held = await lock(host());
    await held.release();
    expect((await host().run(['ls', '/run/bulkhead/sequence.killed'])).exitCode).not.toBe(0);
  });

  test('a change of services of the system takes four sessions: the lock, the look, the change and the records', async () => {
    const stack = (seconds: number) =>
      new Deployment('sequence-test', (scope) => {
        new SystemdService(scope, 'q-changes', { command: ['/usr/bin/sleep', String(seconds)] });
        new SystemdService(scope, 'q-stays', { command: ['/usr/bin/sleep', 'infinity'] });
      });
    const [before, after] = [stack(1000), stack(2000)];
    await before.apply();
    const sessions: string[] = [];
    const counting: Transport = {
      address: host().address,
      run(argv, options) {
        sessions.push('run');
        return host().run(argv, options);
      },
      hold(argv, options) {
        sessions.push('hold');
        return host().hold(argv, options);
      },
      close: async () => {},
    };
    await apply(counting, { manifests: after.manifests, remove: [] }, { asset: after.asset });
    expect(sessions).toEqual(['hold', 'run', 'run', 'run']);
    expect(await after.differences()).toEqual([]);
    await after.destroy();
    before.cleanUp();
    after.cleanUp();
  });
});

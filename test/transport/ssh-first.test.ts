import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { connect, type Transport } from '../../lib/transport';
import { UniqueSleep } from './contract';
import { describeWithSshd, Sshd } from './sshd';

describeWithSshd('the first command of an SSH connection', () => {
  let sshd: Sshd;
  const opened: Transport[] = [];
  const reach = () => {
    const transport = connect({ address: sshd.address, sshOptions: sshd.options });
    opened.push(transport);
    return transport;
  };
  beforeAll(async () => {
    // The supervisor's session is all that there is.
    sshd = await Sshd.start({ MaxSessions: 1 });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => transport.close()));
  });
  afterAll(() => sshd.stop());

  test('needs no session of its own', async () => {
    const { stdout } = await reach().run(['echo', 'alone']);
    expect(stdout.toString()).toBe('alone\n');
  });

  test.each<[string, Buffer]>([
    ['no input', Buffer.alloc(0)],
    ['every byte value', Buffer.from(Uint8Array.from({ length: 32 << 10 }, (_, index) => index & 255))],
    ['what looks like an event', Buffer.from('eof\nended 1\ninput 5\n')],
  ])('gets %s unchanged', async (_, input) => {
    const { stdout } = await reach().run(['cat'], { input });
    expect(stdout.equals(input)).toBe(true);
  });

  test('does not have to read its input', async () => {
    const transport = reach();
    const input = Buffer.alloc(32 << 10, 'ended 1\n');
    expect((await transport.run(['true'], { input })).exitCode).toBe(0);
  });

  test('gives 5 MB of output, and keeps the two outputs apart', async () => {
    const script = 'head -c 5242880 /dev/zero; echo error >&2; exit 7';
    const { exitCode, stdout, stderr } = await reach().run(['sh', '-c', script]);
    expect({ exitCode, bytes: stdout.length, stderr }).toEqual({ exitCode: 7, bytes: 5 << 20, stderr: 'error\n' });
  });

  test('has not ended as long as a process that it left behind writes', async () => {
    const { stdout } = await reach().run(['sh', '-c', '(sleep 0.3; echo late) & echo early']);
    expect(stdout.toString()).toBe('early\nlate\n');
  });

  test('tells which signal ended it', async () => {
    expect((await reach().run(['sh', '-c', 'kill -s KILL $$'])).exitCode).toBe(137);
  });

  test('can be held and released', async () => {
    const held = await reach().hold(['sh', '-c', 'echo held; cat']);
    await held.release();
  });
});

describeWithSshd('the first command of an SSH connection that ends', () => {
  let sshd: Sshd;
  let observer: Transport;
  const opened: Transport[] = [];
  const reach = () => {
    const transport = connect({ address: sshd.address, sshOptions: sshd.options });
    opened.push(transport);
    return transport;
  };
  beforeAll(async () => {
    sshd = await Sshd.start();
    observer = reach();
  });
  afterAll(async () => {
    await Promise.all(opened.map((transport) => transport.close()));
    await sshd.stop();
  });

  test.each<[string, (argv: string[], signal: AbortSignal) => Promise<unknown>]>([
    ['run', (argv, signal) => reach().run(argv, { signal })],
    ['run with a stream', (argv, signal) => reach().run(argv, { input: Readable.from(['x']), signal })],
    ['hold', (argv, signal) => reach().hold(argv, { signal })],
  ])('by an abort leaves nothing: %s', async (_, start) => {
    const sleep = new UniqueSleep(observer);
    const controller = new AbortController();
    const running = start(sleep.argv('"$@" & "$@"'), controller.signal);
    await sleep.seen(2);
    controller.abort(new Error('changed my mind'));
    await expect(running).rejects.toThrow('changed my mind');
    expect(await sleep.count()).toBe(0);
  });

  test('is found by the supervisor also when we were killed before we knew its process group', async () => {
    const sleep = new UniqueSleep(observer);
    // Its output does not reach us, as if we had been killed before.
    const order = { address: sshd.address, sshOptions: sshd.options, argv: sleep.argv('"$@"; "$@"') };
    const client = spawn(
      process.execPath,
      ['--import', 'tsx', join(__dirname, 'deaf-client.ts'), JSON.stringify(order)],
      { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, TMPDIR: sshd.temporary } },
    );
    await sleep.seen(1);
    client.kill('SIGKILL');
    await once(client, 'exit');
    await sleep.seen(0);
  }, 20_000);
});

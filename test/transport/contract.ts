import { randomInt } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { type Transport, TransportError } from '../../lib/transport';

interface ContractOptions {
  /** The longest argument that must arrive, in bytes. */
  readonly longestArgument: number;
}

/** What every transport does alike. `make` connects to the same host each time. */
export function transportContract(name: string, make: () => Transport, { longestArgument }: ContractOptions): void {
  describe(`${name} as a transport`, () => {
    let transport: Transport;
    beforeAll(() => {
      transport = make();
    });
    afterAll(() => transport.close());

    const shell = (script: string, ...args: string[]) => transport.run(['sh', '-c', script, 'sh', ...args]);

    describe('run()', () => {
      test('runs as root', async () => {
        expect((await transport.run(['id', '-u'])).stdout.toString()).toBe('0\n');
      });

      test.each([
        ['nothing at all', ['']],
        ['blanks and empty words', ['', ' ', '  a  b  ', '\t', '']],
        ['quotes', [`it's`, `"`, `'`, `''`, `'"'"'`, `\\'`, '`id`']],
        ['backslashes', ['\\', '\\\\', '\\n', '\\0', 'C:\\dir\\', '%s%%']],
        ['line ends', ['\n', 'a\nb\n', '\r\n', '\n\n']],
        ['what a shell expands', ['$HOME', '${HOME}', '$(id)', '*', '/etc/*', '?', '[a-z]', '~', '{a,b}', '!!', '$$']],
        ['what a shell obeys', ['; id', '&& id', '| cat', '> /dev/null', '&', '#', '(', ')', '<<EOF']],
        ['dashes', ['-', '--', '-n', '--help', '-o', 'ProxyCommand=false']],
        ['other alphabets', ['ä€漢字', '👩‍👩‍👧', '\u0301', '\u202e', '\ufeff']],
        ['control characters', ['\x01\x02\x1b[31m\x7f']],
      ])('hands over %s unchanged', async (_what, words) => {
        const { stdout } = await transport.run(['printf', '%s\\0', ...words]);
        expect(stdout.toString().split('\0')).toEqual([...words, '']);
      });

      test(`hands over an argument of ${longestArgument / 1024} kB`, async () => {
        const { stdout } = await transport.run(['printf', '%s', 'x'.repeat(longestArgument)]);
        expect(stdout.length).toBe(longestArgument);
      });

      test('says so when an argument is larger than any system takes', async () => {
        const running = transport.run(['printf', '%s', 'x'.repeat(200_000)]);
        await expect(running).rejects.toThrow(/^Cannot run "printf".*pass what is large as input$/);
      });

      test("runs the program and not the shell's builtin of that name", async () => {
        const { stdout } = await transport.run(['echo', '-n', 'a\\nb']);
        expect(stdout.toString()).toBe('a\\nb');
        expect((await transport.run(['exit', '3'])).exitCode).toBe(127);
      });

      test('gives an empty input when there is none', async () => {
        expect(await transport.run(['cat'])).toEqual({ exitCode: 0, stdout: Buffer.alloc(0), stderr: '' });
      });

      test('carries 5 MB of every byte value to the command and back', async () => {
        const bytes = Buffer.from(
          Uint8Array.from({ length: 5 << 20 }, (_, index) => (index * 31 + (index >> 8)) & 255),
        );
        const { stdout } = await transport.run(['cat'], { input: bytes });
        expect(stdout.equals(bytes)).toBe(true);
      });

      test('streams 100 MB of input', async () => {
        const chunk = Buffer.alloc(1 << 20, 'x');
        const input = Readable.from(Array.from({ length: 100 }, () => chunk));
        const { stdout } = await transport.run(['wc', '-c'], { input });
        expect(stdout.toString().trim()).toBe(String(100 << 20));
      });

      test('reads a stream no faster than the command does, and ends it with the command', async () => {
        let produced = 0;
        const input = new Readable({
          highWaterMark: 1 << 16,
          read() {
            produced += 1 << 16;
            this.push(Buffer.alloc(1 << 16, 'x'));
          },
        });
        const { stdout, exitCode } = await transport.run(['head', '-c', '1000000'], { input });
        expect(exitCode).toBe(0);
        expect(stdout.length).toBe(1_000_000);
        expect(produced).toBeLessThan(16 << 20);
        expect(input.destroyed).toBe(true);
      });

      test.each([
        ['bytes', () => Buffer.alloc(5 << 20)],
        ['a stream', () => Readable.from([Buffer.alloc(5 << 20), Buffer.alloc(5 << 20)])],
        ['a stream that never goes on', () => new Readable({ read() {} })],
      ])('does not mind a command that leaves %s unread', async (_what, input) => {
        expect((await transport.run(['true'], { input: input() })).exitCode).toBe(0);
        expect((await transport.run(['no-such-program'], { input: input() })).exitCode).toBe(127);
      });

      test('rejects with the error of its input and stops the command', async () => {
        const input = Readable.from(
          (async function* () {
            yield 'first';
            throw new Error('disk on fire');
          })(),
        );
        await expect(transport.run(['sh', '-c', 'cat; sleep 1000'], { input })).rejects.toThrow('disk on fire');
      });

      test.each([0, 1, 3, 126, 127, 128, 254, 255])('tells exit code %i', async (exitCode) => {
        expect(await shell(`exit ${exitCode}`)).toEqual({ exitCode, stdout: Buffer.alloc(0), stderr: '' });
      });

      test.each([
        ['HUP', 129],
        ['INT', 130],
        ['KILL', 137],
        ['SEGV', 139],
        ['TERM', 143],
      ])('tells that signal %s ended the command', async (signal, exitCode) => {
        expect(await shell(`kill -s ${signal} $$`)).toEqual({ exitCode, stdout: Buffer.alloc(0), stderr: '' });
      });

      test('keeps the two outputs apart and whole', async () => {
        const { stdout, stderr } = await shell('printf "out\\n\\nno newline"; printf "ä\\n\\nerr" >&2');
        expect(stdout.toString()).toBe('out\n\nno newline');
        expect(stderr).toBe('ä\n\nerr');
      });

      test('hands standard output on as it comes, and keeps none of it', async () => {
        const input = new PassThrough();
        const pieces: Buffer[] = [];
        const { stdout, exitCode } = await transport.run(['sh', '-c', 'echo begun; cat; echo ended; exit 3'], {
          input,
          onStdout: (piece) => {
            pieces.push(piece);
            // The command goes on only once its first line is here.
            if (!input.writableEnded) input.end('middle\n');
          },
        });
        expect(Buffer.concat(pieces).toString()).toBe('begun\nmiddle\nended\n');
        expect({ exitCode, stdout: stdout.toString() }).toEqual({ exitCode: 3, stdout: '' });
      });

      test('hands standard output on of a command without input', async () => {
        const pieces: Buffer[] = [];
        await transport.run(['seq', '200000'], { onStdout: (piece) => pieces.push(piece) });
        expect(Buffer.concat(pieces).toString().split('\n')).toHaveLength(200_001);
      });

      test('gives exit code 127 for a program that is not there and 126 for one that is not executable', async () => {
        const missing = await transport.run(['no-such-program', 'x']);
        expect(missing).toMatchObject({ exitCode: 127, stderr: expect.stringMatching(/no-such-program: not found/) });
        const passive = await transport.run(['/etc/passwd']);
        expect(passive).toMatchObject({ exitCode: 126, stderr: expect.stringMatching(/passwd: Permission denied/) });
      });

      test.each([
        [[], 'Cannot run a command without a name, expected the program as first argument'],
        [['-x'], 'Cannot run "-x": it starts with "-", expected a program'],
        [['ls', 'a\0b'], 'Cannot run "ls": argument 1 contains a zero byte, expected text'],
      ])('refuses %j', async (argv, message) => {
        await expect(transport.run(argv)).rejects.toThrow(message);
      });

      test('runs 50 commands at once without mixing them up', async () => {
        const numbers = Array.from({ length: 50 }, (_, index) => index);
        const results = await Promise.all(
          numbers.map((number) => shell('cat; echo "$1" >&2; exit "$1"', String(number))),
        );
        expect(results.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(
          numbers.map((number) => [number, `${number}\n`]),
        );
      });
    });

    describe('an abort', () => {
      test('ends the command and the processes it started before run() rejects', async () => {
        const sleep = new UniqueSleep(transport);
        const controller = new AbortController();
        const running = transport.run(sleep.argv('"$@" & "$@"'), { signal: controller.signal });
        await sleep.seen(2);
        controller.abort(new Error('changed my mind'));
        await expect(running).rejects.toThrow('changed my mind');
        expect(await sleep.count()).toBe(0);
      });

      test('ends a command that ignores SIGTERM', async () => {
        const sleep = new UniqueSleep(transport);
        const controller = new AbortController();
        const running = transport.run(sleep.argv('trap "" TERM; "$@"; "$@"'), { signal: controller.signal });
        await sleep.seen(1);
        controller.abort();
        await expect(running).rejects.toThrow('aborted');
        expect(await sleep.count()).toBe(0);
      }, 15_000);

      test('that came before leaves nothing to run', async () => {
        const sleep = new UniqueSleep(transport);
        await expect(transport.run(sleep.argv('"$@"'), { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
        expect(await sleep.count()).toBe(0);
      });
    });

    describe('hold()', () => {
      const locked = async (file: string) => (await transport.run(['flock', '-n', file, 'true'])).exitCode === 1;
      const lock = (file: string) => ['flock', file, 'sh', '-c', 'echo held; cat'];
      let file: string;
      beforeAll(async () => {
        file = (await transport.run(['mktemp'])).stdout.toString().trim();
      });
      afterAll(() => transport.run(['rm', file]));

      test('holds until it is released', async () => {
        const held = await transport.hold(lock(file));
        expect(await locked(file)).toBe(true);
        await held.release();
        expect(await locked(file)).toBe(false);
        await held.release();
      });

      test('holds until its signal aborts', async () => {
        const controller = new AbortController();
        const held = await transport.hold(lock(file), { signal: controller.signal });
        controller.abort();
        await held.release();
        expect(await locked(file)).toBe(false);
      });

      test('resolves once the lock of another is free', async () => {
        const first = await transport.hold(lock(file));
        const order: string[] = [];
        const second = transport.hold(lock(file)).then((held) => {
          order.push('second holds');
          return held;
        });
        expect(await locked(file)).toBe(true);
        order.push('first releases');
        await first.release();
        await (await second).release();
        expect(order).toEqual(['first releases', 'second holds']);
      });

      test('rejects with the stderr of a command that ends without a line', async () => {
        const holding = transport.hold(['sh', '-c', 'printf "no newline"; echo "lock is broken" >&2; exit 7']);
        await expect(holding).rejects.toThrow(
          `Cannot hold "sh" on ${transport.address}: it ended with exit code 7, ` +
            'expected a line and then to go on: lock is broken',
        );
        await expect(holding).rejects.toBeInstanceOf(TransportError);
      });
    });

    describe('close()', () => {
      test('ends what still runs, also when called twice', async () => {
        const other = make();
        const sleep = new UniqueSleep(transport);
        const running = other.run(sleep.argv('"$@" & "$@"'));
        running.catch(() => {});
        const held = await other.hold(sleep.argv('echo; "$@"'));
        await sleep.seen(3);
        await Promise.all([other.close(), other.close()]);
        await other.close();
        expect(await sleep.count()).toBe(0);
        await expect(running).rejects.toThrow(`Cannot run "sh" on ${other.address}: the connection was closed`);
        await held.release();
      });

      test('makes run() and hold() reject', async () => {
        const other = make();
        await other.close();
        const message = `Cannot run "true" on ${other.address}: the connection was closed`;
        await expect(other.run(['true'])).rejects.toThrow(message);
        await expect(other.hold(['true'])).rejects.toThrow(message);
      });
    });
  });
}

/** A sleep that can be told from all others in the host's list of processes. */
export class UniqueSleep {
  readonly #seconds = `4${randomInt(1e9)}`;
  readonly #observer: Transport;

  constructor(observer: Transport) {
    this.#observer = observer;
  }

  /** A shell that runs the script, in which "$@" is the sleep. */
  argv(script: string): string[] {
    return ['sh', '-c', script, 'sh', 'sleep', this.#seconds];
  }

  async count(): Promise<number> {
    const { stdout } = await this.#observer.run(['ps', '-eo', 'args=']);
    return stdout
      .toString()
      .split('\n')
      .filter((line) => line === `sleep ${this.#seconds}`).length;
  }

  /** Waits until that many of it run. */
  async seen(count: number): Promise<void> {
    while ((await this.count()) !== count);
  }
}

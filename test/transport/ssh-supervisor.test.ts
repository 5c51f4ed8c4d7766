import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseReady, parseUser, supervisorLine } from '../../lib/transport/ssh-supervisor';
import { describeAsRoot } from './privilege';

describeAsRoot('the supervisor', () => {
  /** Starts one below a shell that stands for sshd, and a process group for it to watch over. */
  async function start(patienceSec: number) {
    const server = spawn('sh', ['-c', 'setsid -w sh -c "$1"; exit 0', 'sh', supervisorLine({ patienceSec })]);
    const command = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    for (let output = ''; !parseReady(output); ) output += (await once(server.stdout, 'data'))[0];
    return { server, command, ended: once(command, 'exit') };
  }

  test('passes signals on to the process group that is named', async () => {
    const { server, command, ended } = await start(60);
    server.stdin.write(`KILL ${command.pid}\n`);
    expect(await ended).toEqual([null, 'SIGKILL']);
    server.stdin.end();
    await once(server, 'exit');
  });

  test('ends what still runs, and the connection, when its input ends', async () => {
    const { server, command, ended } = await start(60);
    const closed = once(server, 'exit');
    server.stdin.end(`started 999999999\nstarted ${command.pid}\nended 999999999\n`);
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(await closed).toEqual([null, 'SIGTERM']);
  });

  test('leaves alone what has ended, and the connection to itself', async () => {
    const { server, command, ended } = await start(60);
    const closed = once(server, 'exit');
    server.stdin.end(`started ${command.pid}\nended ${command.pid}\n`);
    expect(await closed).toEqual([0, null]);
    expect(command.exitCode).toBeNull();
    command.kill();
    await ended;
  });

  test('gives up when no heartbeat comes', async () => {
    const { server, command, ended } = await start(1);
    const closed = once(server, 'exit');
    server.stdin.write(`started ${command.pid}\n`);
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(await closed).toEqual([null, 'SIGTERM']);
  });

  test('does not give up while heartbeats come', async () => {
    const { server, command, ended } = await start(1);
    let beats = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        server.stdin.write('beat\n');
        beats += 1;
        if (beats < 12) return;
        clearInterval(timer);
        resolve();
      }, 250);
    });
    expect(server.exitCode ?? server.signalCode).toBeNull();
    server.stdin.end(`started ${command.pid}\n`);
    await ended;
  });
});

describe("the supervisor's reports", () => {
  test('say how it became root, once they are complete', () => {
    expect(parseReady('welcome\nbulkhead: process 12\nbulkhead: ready ro')).toBeUndefined();
    expect(parseReady('welcome bulkhead: process 12\nbulkhead: ready root\n')).toEqual({ pid: 12, asRoot: [] });
    const sudo = parseReady('bulkhead: user deploy\nbulkhead: process 12\nbulkhead: ready sudo\n');
    expect(sudo?.asRoot[0]).toBe('sudo');
  });

  test('say who logged in where that is not root', () => {
    expect(parseUser('bulkhead: ready root\n')).toBeUndefined();
    expect(parseUser('welcome\nbulkhead: user EXAMPLE\\jo doe\nsudo: ')).toBe('EXAMPLE\\jo doe');
  });
});

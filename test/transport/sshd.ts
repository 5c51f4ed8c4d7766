import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describeAsRoot } from './privilege';

const program = '/usr/sbin/sshd';

/** `describe`, or a skip that says why where openssh-server is not installed. */
export const describeWithSshd = existsSync(program)
  ? describeAsRoot
  : (name: string, body: () => void) => describe.skip(`${name} (skipped: needs openssh-server)`, body);

/** An OpenSSH server of the user's own on the loopback interface, with keys, known hosts and a home of its own. */
export class Sshd {
  readonly address: string;
  readonly home: string;
  /** An empty directory for temporary files. */
  readonly temporary: string;
  readonly #server: ChildProcess;
  #log = '';

  private constructor(
    readonly directory: string,
    readonly port: number,
    server: ChildProcess,
  ) {
    this.address = `ssh://${userInfo().username}@127.0.0.1:${port}`;
    this.home = join(directory, 'home');
    this.temporary = join(directory, 'tmp');
    this.#server = server;
    server.stderr?.on('data', (chunk) => {
      this.#log += chunk;
    });
  }

  static async start(settings: Record<string, string | number> = {}): Promise<Sshd> {
    // sshd insists on it when it is started by root.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
    const directory = mkdtempSync(join(tmpdir(), 'sshd-'));
    for (const name of ['home', 'tmp']) mkdirSync(join(directory, name));
    for (const key of ['host', 'id', 'stranger']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', join(directory, key)]);
    }
    const port = await freePort();
    const lines = {
      Port: port,
      ListenAddress: '127.0.0.1',
      HostKey: join(directory, 'host'),
      PidFile: 'none',
      AuthorizedKeysFile: join(directory, 'id.pub'),
      StrictModes: 'no',
      UsePAM: 'no',
      PermitRootLogin: 'yes',
      PasswordAuthentication: 'no',
      SetEnv: `HOME=${join(directory, 'home')}`,
      ...settings,
    };
    const config = Object.entries(lines).map(([key, value]) => `${key} ${value}\n`);
    writeFileSync(join(directory, 'sshd_config'), config.join(''));
    const server = spawn(program, ['-D', '-e', '-f', join(directory, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const sshd = new Sshd(directory, port, server);
    sshd.trust(port, 'host');
    while (!sshd.#log.includes('Server listening')) await once(server.stderr, 'data');
    return sshd;
  }

  /** The options of a client that is let in. */
  get options(): string[] {
    return this.optionsWith('id');
  }

  optionsWith(key: 'id' | 'stranger'): string[] {
    return [
      `IdentityFile=${join(this.directory, key)}`,
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      `UserKnownHostsFile=${join(this.directory, 'known_hosts')}`,
      'GlobalKnownHostsFile=none',
    ];
  }

  /** Makes a key the one that is known for 127.0.0.1 and a port. */
  trust(port: number, key: 'host' | 'stranger'): void {
    const [type, base64] = readFileSync(join(this.directory, `${key}.pub`), 'utf8').split(' ');
    writeFileSync(join(this.directory, 'known_hosts'), `[127.0.0.1]:${port} ${type} ${base64}\n`);
  }

  forgetHosts(): void {
    writeFileSync(join(this.directory, 'known_hosts'), '');
  }

  /** How many connections it has let in. */
  get logins(): number {
    return this.#log.split('Accepted publickey').length - 1;
  }

  async stop(): Promise<void> {
    if (this.#server.exitCode === null) {
      this.#server.kill();
      await once(this.#server, 'exit');
    }
    rmSync(this.directory, { recursive: true });
  }
}

/** A port on which nothing listened a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port: no TCP address');
  return address.port;
}

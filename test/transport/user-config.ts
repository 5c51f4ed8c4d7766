import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Transport } from '../../lib/transport';
import { Sshd } from './sshd';

/** Two SSH servers, and an ssh_config(5) of the user's that leads to them by the names `lab` and `jump`. */
export class UserConfig {
  private readonly labHome = process.env.BULKHEAD_LAB_HOME;
  private readonly opened: Transport[] = [];

  private constructor(
    readonly directory: string,
    readonly target: Sshd,
    readonly jump: Sshd,
  ) {
    // OpenSSH looks for the user's own in no other home; a practice host comes with one to be used instead.
    mkdirSync(join(directory, 'default'));
    process.env.BULKHEAD_LAB_HOME = directory;
  }

  static async create(): Promise<UserConfig> {
    const [target, jump] = await Promise.all([Sshd.start(), Sshd.start()]);
    return new UserConfig(mkdtempSync(join(tmpdir(), 'ssh-config-')), target, jump);
  }

  get path(): string {
    return join(this.directory, 'default', 'ssh_config');
  }

  /** A connection to the target, as settings of its own and of all hosts tell. */
  reach(settings: readonly string[], all: readonly string[] = [], sshOptions: readonly string[] = []): Transport {
    const common = ['Host *', 'IdentitiesOnly yes', 'IdentityAgent none', 'GlobalKnownHostsFile none', ...all];
    const sections = [section('lab', this.target, settings), section('jump', this.jump), common.join('\n  ')];
    writeFileSync(this.path, `${sections.join('\n')}\n`);
    const transport = connect({ address: 'lab', sshOptions });
    this.opened.push(transport);
    return transport;
  }

  /** Expects many commands at once to run by one connection to the target. */
  async works(transport: Transport): Promise<void> {
    const logins = this.target.logins;
    const outputs = await Promise.all(
      Array.from({ length: 12 }, () =>
        transport.run(['sh', '-c', 'cat; echo err >&2'], { input: Buffer.from('\0\r\n') }),
      ),
    );
    for (const output of outputs)
      expect(output).toEqual({ exitCode: 0, stdout: Buffer.from('\0\r\n'), stderr: 'err\n' });
    expect(this.target.logins).toBe(logins + 1);
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((transport) => transport.close()));
  }

  async remove(): Promise<void> {
    if (this.labHome === undefined) delete process.env.BULKHEAD_LAB_HOME;
    else process.env.BULKHEAD_LAB_HOME = this.labHome;
    rmSync(this.directory, { recursive: true });
    await Promise.all([this.target.stop(), this.jump.stop()]);
  }
}

function section(name: string, { port, directory }: Sshd, lines: readonly string[] = []): string {
  return [
    `Host ${name}`,
    'HostName 127.0.0.1',
    `Port ${port}`,
    `IdentityFile ${join(directory, 'id')}`,
    `UserKnownHostsFile ${join(directory, 'known_hosts')}`,
    ...lines,
  ].join('\n  ');
}

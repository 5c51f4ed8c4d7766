import { isSshOption, labConfigFile, parseAddress } from '../manifest/host';
import { CommandTransport } from './command-transport';
import { startThrough } from './entrance';
import { LocalConnection, type Start, startSession } from './local';
import { machineEntrance } from './machine';
import { SshConnection } from './ssh';
import type { SshTarget } from './ssh-errors';
import { isRoot, sudoEntrance } from './sudo';
import type { Transport } from './transport';

/** How a host is reached. If the login user is not root, commands run with `sudo -n`. */
export interface ConnectOptions {
  /** `local`, `ssh://[user@]host[:port]`, `machine://name` or `lab[:name]`. */
  readonly address: string;
  /**
   * Options for the OpenSSH client, each `Key=value` as in ssh_config(5). They take precedence over the user's own
   * configuration, and over the defaults ConnectTimeout=10, ServerAliveInterval=5 and ServerAliveCountMax=3. With
   * ControlPersist, the connection outlives the transport, and other transports to the same target with the same
   * options use it.
   * @default - none
   */
  readonly sshOptions?: readonly string[];
}

/**
 * A transport to the host. It runs nothing and connects to nothing before the first command.
 * @throws Error when the address or an option is malformed
 */
export function connect({ address, sshOptions = [] }: ConnectOptions): Transport {
  sshOptions.forEach(assertOption);
  const parsed = parseAddress(address);
  switch (parsed.kind) {
    case 'local':
      return onThisMachine(address, isRoot() ? startSession : startThrough(sudoEntrance(address)));
    case 'machine':
      return onThisMachine(address, startThrough(machineEntrance(address, parsed.name)));
    case 'ssh':
      return overSsh({ ...parsed, address, options: sshOptions });
    case 'lab':
      return overSsh({
        host: 'lab',
        lab: { ...parsed, configFile: labConfigFile(parsed.name) },
        address,
        options: sshOptions,
      });
  }
}

function onThisMachine(address: string, start: Start): Transport {
  return new CommandTransport(address, new LocalConnection(start));
}

function overSsh(target: SshTarget): Transport {
  return new CommandTransport(target.address, new SshConnection(target));
}

function assertOption(option: string, index: number): void {
  if (!isSshOption(option)) {
    throw new Error(
      `Cannot use ssh option ${JSON.stringify(option)}: expected "Key=value" as in ssh_config(5) (at sshOptions[${index}])`,
    );
  }
}

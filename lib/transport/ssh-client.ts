import { Process } from './process';
import { clientError, type SshTarget } from './ssh-errors';
import { patienceSec, supervisorLine } from './ssh-supervisor';

// The client takes the first value that it sees of an option: these go before the user's, the defaults after them.
const fixedOptions = [
  'BatchMode=yes',
  'ControlMaster=yes',
  'ControlPersist=no',
  'RemoteCommand=none',
  'ClearAllForwardings=yes',
  'Tunnel=no',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'LogLevel=ERROR',
];
const defaultOptions = ['ConnectTimeout=10', 'ServerAliveInterval=5', 'ServerAliveCountMax=3'];

/** Since OpenSSH 8.7; before that there is no such setting to override, and it refuses a name that it does not know. */
const optionsSince87 = ['SessionType=default', 'StdinNull=no', 'ForkAfterAuthentication=no'];

let version: Promise<number> | undefined;

/** The version of the ssh client, 9.2 for instance; 0 when that can't be found out. */
export function clientVersion(): Promise<number> {
  version ??= Process.start(['ssh', '-V']).then(
    async (client) => {
      await client.closed;
      return parseVersion(Buffer.concat(client.stderr).toString());
    },
    () => 0,
  );
  return version;
}

export function parseVersion(output: string): number {
  return Number(/OpenSSH_(\d+\.\d+)/.exec(output)?.[1] ?? 0);
}

/** Starts the ssh client. */
export function startClient(target: SshTarget, argv: readonly string[]): Promise<Process> {
  // BatchMode is not handed on to the client that reaches a jump host, and without a terminal it opens a window.
  return Process.start(argv, { SSH_ASKPASS_REQUIRE: 'never' }).catch((error) => {
    throw clientError(target, error);
  });
}

/** The argv of a client that makes the connection and waits for others at a socket, of whatever ssh_config(5). */
export function masterArgv(target: SshTarget, controlPath: string, version: number): string[] {
  const options = [
    `ControlPath=${controlPath}`,
    ...fixedOptions,
    ...(version >= 8.7 ? optionsSince87 : []),
    ...target.options,
    ...defaultOptions,
  ];
  return [
    'ssh',
    '-T',
    ...(target.configFile ? ['-F', target.configFile] : []),
    ...options.flatMap((option) => ['-o', option]),
    ...(target.user ? ['-l', target.user] : []),
    ...(target.port ? ['-p', String(target.port)] : []),
    '--',
    target.host,
    supervisorLine(patienceSec),
  ];
}

/** The argv of a client that runs one command through the connection, and never makes a connection of its own. */
export function sessionArgv(controlPath: string, host: string, line: string): string[] {
  const options = [`ControlPath=${controlPath}`, 'ControlMaster=no', 'BatchMode=yes', 'ProxyCommand=false'];
  return ['ssh', '-F', 'none', '-T', ...options.flatMap((option) => ['-o', option]), '--', host, line];
}

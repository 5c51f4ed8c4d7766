import { Process } from './process';
import { clientError, type SshTarget } from './ssh-errors';

// The client takes the first value that it sees of an option: these go before the user's, the defaults after them.
const fixedOptions = [
  'BatchMode=yes',
  'RemoteCommand=none',
  'ClearAllForwardings=yes',
  'Tunnel=no',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'LogLevel=ERROR',
];
const defaultOptions = ['ConnectTimeout=10', 'ServerAliveInterval=5', 'ServerAliveCountMax=3'];

/** Since OpenSSH 8.7. Before that there is no such setting to override, and the client refuses the names. */
const optionsSince87 = ['SessionType=default', 'StdinNull=no', 'ForkAfterAuthentication=no'];

/** Whether the client says that it is older than OpenSSH 8.7. */
export function isOldClient(output: string): boolean {
  const names = optionsSince87.map((option) => option.split('=')[0]).join('|');
  return new RegExp(`^command-line.*Bad configuration option: (?:${names})\\s*$`, 'im').test(output);
}

/** Starts the ssh client. */
export function startClient(target: SshTarget, argv: readonly string[]): Promise<Process> {
  // BatchMode is not handed on to the client that reaches a jump host, and without a terminal it opens a window.
  return Process.start(argv, { SSH_ASKPASS_REQUIRE: 'never' }).catch((error) => {
    throw clientError(target, error);
  });
}

/** How the client that makes the connection shares it. */
export interface Sharing {
  /** Where others reach the connection. */
  readonly controlPath: string;
  /** Whether it uses the connection that is there, and leaves it there when it ends. */
  readonly kept: boolean;
}

/**
 * The argv of a client that makes the connection and waits for others at a socket, of whatever ssh_config(5).
 * @param line its own command
 * @param old whether the client is older than OpenSSH 8.7
 */
export function masterArgv(target: SshTarget, { controlPath, kept }: Sharing, line: string, old = false): string[] {
  const options = [
    `ControlPath=${controlPath}`,
    ...(kept ? ['ControlMaster=auto'] : ['ControlMaster=yes', 'ControlPersist=no']),
    ...fixedOptions,
    ...(old ? [] : optionsSince87),
    ...target.options,
    ...defaultOptions,
  ];
  return ['ssh', '-T', ...wordsOf(target, options), line];
}

/** The argv of a client that runs one command with the terminal, or the standard input and output, that it is given. */
export function attachedSshArgv(target: SshTarget, line: string, tty: boolean): string[] {
  const options = [...fixedOptions, ...target.options, ...defaultOptions];
  return ['ssh', tty ? '-t' : '-T', ...wordsOf(target, options), line];
}

/** What says where to go, and how. */
function wordsOf(target: SshTarget, options: readonly string[]): string[] {
  return [
    ...(target.lab ? ['-F', target.lab.configFile] : []),
    ...options.flatMap((option) => ['-o', option]),
    ...(target.user ? ['-l', target.user] : []),
    ...(target.port ? ['-p', String(target.port)] : []),
    '--',
    target.host,
  ];
}

/** The argv of a client that runs one command through the connection, and never makes a connection of its own. */
export function sessionArgv(controlPath: string, host: string, line: string): string[] {
  const options = [`ControlPath=${controlPath}`, 'ControlMaster=no', 'BatchMode=yes', 'ProxyCommand=false'];
  return ['ssh', '-F', 'none', '-T', ...options.flatMap((option) => ['-o', option]), '--', host, line];
}

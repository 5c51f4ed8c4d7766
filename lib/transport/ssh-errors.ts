import { labCommandLine } from '../manifest/host';
import { errorCode } from './process';
import { quoteIfNeeded } from './quote';
import { parseUser } from './ssh-supervisor';
import { sudoError } from './sudo';
import { TransportError } from './transport';

/** How the OpenSSH client is told where to go. */
export interface SshTarget {
  /** As the user wrote it. */
  readonly address: string;
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** The practice host that it is, and its ssh_config(5), which is used instead of the user's own. */
  readonly lab?: { readonly name: string; readonly configFile: string };
  /** Each `Key=value`. */
  readonly options: readonly string[];
}

interface Diagnosis {
  readonly what: string;
  readonly advice: string;
}

type Rule = [pattern: RegExp, diagnose: (target: SshTarget, match: RegExpExecArray) => Diagnosis, lasts?: 'may pass'];

const closed = /Connection (?:to \S+ )?(?:closed|reset)|kex_exchange_identification/;

// In this order: a changed host key also says "verification failed", and the last lines are the least telling.
const rules: readonly Rule[] = [
  [
    /ssh: (?:command )?not found/,
    () => ({ what: 'the ssh client is not installed', advice: 'apt-get install openssh-client' }),
  ],
  [
    /^(.*\bline \d+: .*?)\s*$/m,
    (_target, [, line]) => ({
      what: `the ssh client refuses its configuration: ${line}`,
      advice: 'Correct it; "command-line" means sshOptions, each "Key=value" as in ssh_config(5)',
    }),
  ],
  [
    /Could not resolve hostname ([^\n]*?): [^\n]*/,
    (_target, [, name]) => ({
      what: `the name "${name}" does not resolve`,
      advice: 'Correct the name, or give it a HostName in ~/.ssh/config',
    }),
    'may pass',
  ],
  [/[Hh]ost key for (\S+) has changed/, (_target, [, name = '']) => changedKey(name)],
  [/REMOTE HOST IDENTIFICATION HAS CHANGED/, (target) => changedKey(knownHostsName(target))],
  [
    /Host key verification failed|host key is known for/,
    (target) => ({
      what: 'its host key is unknown',
      advice: `Connect once by hand and compare the fingerprint: ${byHand(target)}`,
    }),
  ],
  [
    /Permission denied \(([^)]*)\)|Too many authentication failures/,
    (target, [, methods]) => ({
      what: `it refuses the login${methods ? ` (it accepts ${methods.replaceAll(',', ', ')})` : ': too many keys were tried'}`,
      advice: `Make this work without a password, by ssh-add or an IdentityFile in ~/.ssh/config: ${byHand(target)}`,
    }),
    'may pass',
  ],
  [
    /System is booting up/,
    () => ({ what: 'it refuses logins while it is booting', advice: 'Try again in a moment' }),
    'may pass',
  ],
  [
    /open failed: administratively prohibited/,
    () => ({
      what: 'its jump host does not forward connections',
      advice: 'Allow it in sshd_config(5) there: AllowTcpForwarding yes',
    }),
  ],
  [
    /open failed: connect failed: ([^\r\n]+)/,
    (target, [, reason]) => ({
      what: `its jump host does not reach it: ${reason}`,
      advice: `Correct its name or port as the jump host knows them; by hand: ${byHand(target)}`,
    }),
    'may pass',
  ],
  [
    /(?: port (\d+): )?Connection refused/,
    (target, [, port]) => ({
      what: `nothing accepts connections${port ? ` on port ${port}` : ''}`,
      advice: labAdvice(target) ?? 'Start the SSH server there (systemctl start ssh), or correct the port',
    }),
    'may pass',
  ],
  [
    /timed out|No route to host|Network is unreachable|Host is down|Timeout, server/,
    (target) => ({
      what: 'it does not answer',
      advice: labAdvice(target) ?? 'Check that the host is up, and that no firewall or missing VPN blocks the way',
    }),
    'may pass',
  ],
  [
    closed,
    (target) => ({
      what: 'it closed the connection during the login',
      advice: `See why on the host (journalctl -u ssh), or by hand: ${byHand(target, '-v')}`,
    }),
    'may pass',
  ],
];

/** What went wrong before the connection stood, from what the ssh client and the login shell wrote. */
export function connectError(target: SshTarget, output: string): TransportError {
  const user = parseUser(output);
  const refusal = user === undefined ? undefined : sudoError(target.address, user, output);
  if (refusal) return refusal;
  for (const [pattern, diagnose, lasts] of rules) {
    const match = pattern.exec(output);
    if (match) {
      const { what, advice } = diagnose(target, match);
      const way = pattern !== closed && hasLostJump(output) ? ' through its jump host' : '';
      const message = `Cannot reach "${target.address}"${way}: ${what}`;
      return new TransportError(target.address, message, advice, lasts === 'may pass');
    }
  }
  const said = output.trim().split('\n').at(-1)?.trim();
  return new TransportError(
    target.address,
    `Cannot reach "${target.address}": ${said ? `it answered ${JSON.stringify(said)}` : 'the connection ended at once'}`,
    `Try by hand: ${byHand(target)}`,
  );
}

/** How to start the practice host that was to be reached. */
function labAdvice({ lab }: SshTarget): string | undefined {
  return lab && labCommandLine('up', lab.name);
}

/** The practice host has no ssh_config, which it has for as long as it exists. */
export function noLabError(target: SshTarget): TransportError {
  const { address } = target;
  return new TransportError(address, `Cannot reach "${address}": the practice host is not running`, labAdvice(target));
}

function changedKey(name: string): Diagnosis {
  return {
    what: 'its host key has changed: it was installed anew, or somebody intercepts the connection',
    advice: `Find out which; if it was installed anew: ssh-keygen -R ${quoteIfNeeded(name)}`,
  };
}

/** Whether the client that should have led to the host ended: what it said is about the jump host. */
function hasLostJump(output: string): boolean {
  return /kex_exchange_identification/.test(output) && !/stdio forwarding failed/.test(output);
}

/** The login takes longer than anybody would wait. */
export function loginError(target: SshTarget, loggedIn: boolean, seconds: number): TransportError {
  const { address } = target;
  const [what, advice] = loggedIn
    ? [`its login shell ran no command within ${seconds} s`, 'See what its start-up files wait for']
    : [`the login did not end within ${seconds} s`, 'See where it stops'];
  return new TransportError(address, `Cannot reach "${address}": ${what}`, `${advice}: ${byHand(target, '-v')}`);
}

/** Why the client does not start: it is not there, or the system starts no more processes. */
export function clientError(target: SshTarget, error: unknown): TransportError {
  const { address } = target;
  if (errorCode(error) === 'ENOENT') return connectError(target, 'ssh: not found');
  return new TransportError(address, `Cannot reach "${address}": the ssh client does not start: ${error}`);
}

/** The command that a user types to see for himself. */
function byHand(target: SshTarget, ...flags: string[]): string {
  const words = [
    ...flags,
    ...(target.lab ? ['-F', target.lab.configFile] : []),
    ...target.options.flatMap((option) => ['-o', option]),
    ...(target.port ? ['-p', String(target.port)] : []),
    target.user ? `${target.user}@${target.host}` : target.host,
  ];
  return ['ssh', ...words.map(quoteIfNeeded)].join(' ');
}

function knownHostsName({ host, port }: SshTarget): string {
  return port && port !== 22 ? `[${host}]:${port}` : host;
}

import { userInfo } from 'node:os';
import type { Entrance } from './entrance';
import { TransportError } from './transport';

/** The words that run others as root at the terminal that there is. */
export const attachedSudoArgv: readonly string[] = ['sudo', '-n', '--'];

/** The words that run others as root, in a session of their own: signals for sudo are not meant for them. */
export const sudoArgv: readonly string[] = [...attachedSudoArgv, 'setsid', '-w'];

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The way to be root on this machine, for who is not. */
export function sudoEntrance(address: string): Entrance {
  return {
    address,
    argv: sudoArgv,
    refusal: (output) =>
      sudoError(address, userInfo().username, output) ??
      new TransportError(address, `Cannot become root on "${address}": ${output.trim().split('\n').at(-1)}`),
  };
}

type Rule = [pattern: RegExp, what: (user: string, match: RegExpExecArray) => string, advice: (user: string) => string];

const install = (rule: string) => `Install it there (apt-get install sudo), then add to sudoers by visudo: ${rule}`;
const addRule = (rule: string) => `Add to sudoers there, by visudo -f /etc/sudoers.d/bulkhead: ${rule}`;
const allow = (user: string) => `${user} ALL=(root) NOPASSWD: ALL`;

const rules: readonly Rule[] = [
  [
    /sudo: (?:command )?not found/,
    (user) => `"${user}" is not root, and sudo is not installed`,
    (user) => install(allow(user)),
  ],
  [
    /^sudo: .*(?:password is required|authentication is required|askpass)/m,
    (user) => `sudo asks "${user}" for a password`,
    (user) => addRule(allow(user)),
  ],
  [
    /^sudo: .*must have a tty/m,
    (user) => `sudo asks "${user}" for a terminal`,
    (user) => addRule(`Defaults:${user} !requiretty`),
  ],
  [
    /^Sorry, user .* is not allowed to execute/m,
    (user) => `sudo lets "${user}" run only some commands`,
    (user) => addRule(allow(user)),
  ],
  [
    // The last line: a warning that its own host name does not resolve may come first.
    /^sudo: (.*?)\s*$(?![\s\S]*^sudo: )/m,
    (user, [, said]) => `sudo refuses "${user}": ${said}`,
    (user) => addRule(allow(user)),
  ],
];

/** Why sudo did not make a user root, from what it and the shell wrote, or `undefined` when it is not to blame. */
export function sudoError(address: string, user: string, output: string): TransportError | undefined {
  for (const [pattern, what, advice] of rules) {
    const match = pattern.exec(output);
    // Other than in a name, these mean something in sudoers(5).
    const escaped = user.replace(/[^\p{L}\p{N}_.-]/gu, '\\$&');
    if (match)
      return new TransportError(
        address,
        `Cannot become root on "${address}": ${what(user, match)}`,
        `${advice(escaped)}; or log in as root`,
      );
  }
  return undefined;
}

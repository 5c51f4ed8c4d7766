import { labConfigFile, parseAddress } from '../manifest/host';
import type { ConnectOptions } from './connect';
import { machineArgv } from './machine';
import { assertArgv, assertLineLength, loginLine } from './quote';
import { attachedSshArgv } from './ssh-client';
import { attachedSudoArgv, isRoot } from './sudo';

// Whoever logs in as another one becomes root by sudo, which keeps standard input and the terminal.
const AS_ROOT = `[ "$(id -u)" = 0 ] || set -- ${attachedSudoArgv.join(' ')} "$@"
exec "$@"`;

/**
 * The words that run a command on a host as root with the standard input, output and error of whoever runs them, and that
 * end with its exit code. Whether the host can be reached is for a transport to find out before.
 * @param tty Whether the command gets a terminal.
 * @throws Error when the address is malformed, or the arguments are too long
 */
export function attachedArgv({ address, sshOptions = [] }: ConnectOptions, argv: readonly string[], tty: boolean) {
  assertArgv(argv);
  const parsed = parseAddress(address);
  switch (parsed.kind) {
    case 'local':
      return isRoot() ? argv : [...attachedSudoArgv, ...argv];
    case 'machine':
      return [...(isRoot() ? [] : attachedSudoArgv), ...machineArgv(parsed.name), ...argv];
    case 'ssh':
      return overSsh({ ...parsed, address, options: sshOptions }, argv, tty);
    case 'lab': {
      const lab = { name: parsed.name, configFile: labConfigFile(parsed.name) };
      return overSsh({ host: 'lab', lab, address, options: sshOptions }, argv, tty);
    }
  }
}

function overSsh(target: Parameters<typeof attachedSshArgv>[0], argv: readonly string[], tty: boolean): string[] {
  const line = loginLine(['sh', '-c', AS_ROOT, 'sh', ...argv]);
  assertLineLength(argv[0] ?? '', line);
  return attachedSshArgv(target, line, tty);
}

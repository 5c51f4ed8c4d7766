import { userInfo } from 'node:os';
import type { Entrance } from './entrance';
import { isRoot, sudoArgv, sudoError } from './sudo';
import { TransportError } from './transport';

// All that the machine's first process has, and none of our environment, as after a login. Its leader is asked for each
// time: it is another one after a reboot.
const enter = `
leader=$(machinectl show --property=Leader --value -- "$0") || exit
exec nsenter --target="$leader" --all --root --wd -- env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/sh \\
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
`;

/** The words that run others in a machine of this host's systemd-machined(8). */
export const machineArgv = (name: string): readonly string[] => ['sh', '-c', enter.trim(), name];

/** The way into a machine of this host's systemd-machined(8), through the namespaces of its first process. */
export function machineEntrance(address: string, name: string): Entrance {
  return {
    address,
    argv: [...(isRoot() ? [] : sudoArgv), ...machineArgv(name), 'setsid', '-w'],
    refusal: (output) => sudoError(address, userInfo().username, output) ?? machineError(address, name, output),
  };
}

/** Why the machine can't be entered, from what machinectl and nsenter wrote. */
export function machineError(address: string, name: string, output: string): TransportError {
  const [what, advice] = diagnose(name, output.trim().split('\n').at(-1) ?? '');
  return new TransportError(address, `Cannot reach "${address}": ${what}`, advice);
}

function diagnose(name: string, said: string): [what: string, advice: string] {
  if (/machinectl: (?:command )?not found/.test(said)) {
    return ['machinectl is not installed', 'apt-get install systemd-container'];
  }
  if (/No machine '.*' known/.test(said)) {
    return ['no machine of that name runs here', `machinectl start ${name}, or see which do: machinectl list`];
  }
  return [
    said ? `it answered ${JSON.stringify(said)}` : "it can't be entered",
    `Try by hand: machinectl status ${name}`,
  ];
}

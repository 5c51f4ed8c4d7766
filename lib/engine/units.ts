import type { Command } from './sequence';

/** One systemctl command for any number of units. They are sent by standard input, since argv is limited. */
export function systemctlCommand(
  verb: string,
  units: readonly string[],
  { args = [verb], user }: { readonly args?: readonly string[]; readonly user?: string | undefined } = {},
): Command {
  return {
    argv: ['xargs', '-0', 'systemctl', ...manager(user), ...args, '--'],
    user,
    input: Buffer.from(units.join('\0')),
    purpose: { action: `${verb} ${units.join(', ')}` },
  };
}

/** The command that lets systemd read its files again. */
export function reloadCommand(user?: string): Command {
  const argv = ['systemctl', ...manager(user), 'daemon-reload'];
  const action = `reload systemd${user === undefined ? '' : ` of ${user}`}`;
  return { argv, user, purpose: { action, command: argv } };
}

/** The systemctl option for a systemd instance. */
export const manager = (user: string | undefined): string[] => (user === undefined ? [] : ['--user']);

import type { Transport } from '../transport';
import { ApplyError } from './errors';
import { run } from './run';
import { type Scope, scopeOf } from './scope';
import type { ActualUnit } from './state';
import type { ServicePlan } from './step';

/** Lines of a unit's log that an error shows. */
const LOG_LINES = 30;

/**
 * Runs one systemctl command over many units, as many as there may be: they don't travel in argv, which is limited.
 * Units that a start failed for are found by looking at them after.
 */
export async function systemctl(
  scope: Scope,
  args: readonly string[],
  units: readonly string[],
  signal?: AbortSignal,
): Promise<{ failed: boolean; stderr: string }> {
  if (units.length === 0) return { failed: false, stderr: '' };
  const input = Buffer.from(units.join('\0'));
  const command = ['xargs', '-0', 'systemctl', ...manager(scope), ...args, '--'];
  const result = await scope.run(command, { input, ...(signal && { signal }) });
  return { failed: result.exitCode !== 0, stderr: result.stderr };
}

/** The same for what must be done to all of them. @throws ApplyError when it can't `verb` them */
export async function requireSystemctl(
  scope: Scope,
  verb: string,
  args: readonly string[],
  units: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const { failed, stderr } = await systemctl(scope, args, units, signal);
  if (failed)
    throw new ApplyError({
      host: scope.address,
      action: `${verb} ${units.join(', ')}`,
      problem: 'systemctl failed',
      stderr,
    });
}

/** Makes systemd read its files again. @throws ApplyError when it can't */
export async function daemonReload(scope: Scope, signal?: AbortSignal): Promise<void> {
  const command = ['systemctl', ...manager(scope), 'daemon-reload'];
  const action = `reload systemd${scope.user === undefined ? '' : ` of ${scope.user}`}`;
  await run(scope, command, { action, command }, signal ? { signal } : {});
}

/** Which systemd a command of systemctl is for. */
export const manager = ({ user }: Scope): string[] => (user === undefined ? [] : ['--user']);

/** The error of a unit that did not start, with what it logged. */
export async function unitError(
  transport: Transport,
  { path: service, user }: Pick<ServicePlan, 'path' | 'user'>,
  name: string,
  unit: ActualUnit | undefined,
  stderr: string,
): Promise<ApplyError> {
  const details = { host: transport.address, service, action: `start ${name}`, at: ['units', name] };
  if (!unit || unit.loadState === 'not-found') {
    const scope = scopeOf(transport, user);
    const generator = await scope.run(['sh', '-c', GENERATOR_SCRIPT, 'sh', ...(user === undefined ? [] : ['-user'])]);
    return new ApplyError({
      ...details,
      problem: 'systemd has no such unit: its file was not accepted',
      stderr: generator.stderr || stderr,
    });
  }
  const log = await transport.run(['sh', '-c', LOG_SCRIPT, 'sh', name, ...(user === undefined ? [] : [user])]);
  return new ApplyError({
    ...details,
    problem: `it is ${unit.activeState} (${unit.subState}, ${unit.result}), expected active`,
    log: log.stdout.toString(),
    advice: user === undefined ? `journalctl -u ${name}` : `journalctl _SYSTEMD_USER_UNIT=${name}`,
  });
}

// The journal may lag behind what systemd says. A user may not read it, so root asks for that user's.
const LOG_SCRIPT = `
journalctl --sync
show() { exec journalctl --no-pager --quiet -o cat -n ${LOG_LINES} "$@"; }
[ "$2" ] || show -u "$1"
uid=$(id -u "$2")
show "_SYSTEMD_USER_UNIT=$1" "_UID=$uid" + "USER_UNIT=$1" "_UID=$uid"
`;

const GENERATOR_SCRIPT = `
for quadlet in /usr/libexec/podman/quadlet /usr/lib/podman/quadlet; do
  [ -x "$quadlet" ] && exec "$quadlet" -dryrun "$@" >/dev/null
done
exit 0
`;

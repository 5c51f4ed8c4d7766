import type { Transport } from '../transport';
import { ApplyError, commandError } from './errors';
import type { ActualUnit } from './state';

/** Lines of a unit's log that an error shows. */
const LOG_LINES = 30;

/**
 * Runs one systemctl command over many units, as many as there may be: they don't travel in argv, which is limited.
 * Units that a start failed for are found by looking at them after.
 */
export async function systemctl(
  transport: Transport,
  args: readonly string[],
  units: readonly string[],
  signal?: AbortSignal,
): Promise<{ failed: boolean; stderr: string }> {
  if (units.length === 0) return { failed: false, stderr: '' };
  const input = Buffer.from(units.join('\0'));
  const result = await transport.run(['xargs', '-0', 'systemctl', ...args, '--'], { input, ...(signal && { signal }) });
  return { failed: result.exitCode !== 0, stderr: result.stderr };
}

/** Makes systemd read its files again. @throws ApplyError when it can't */
export async function daemonReload(transport: Transport, signal?: AbortSignal): Promise<void> {
  const command = ['systemctl', 'daemon-reload'];
  const result = await transport.run(command, signal ? { signal } : {});
  if (result.exitCode !== 0) throw commandError({ host: transport.address, action: 'reload systemd', command }, result);
}

/** The error of a unit that did not start, with what it logged. */
export async function unitError(
  transport: Transport,
  service: string,
  name: string,
  unit: ActualUnit | undefined,
  stderr: string,
): Promise<ApplyError> {
  const details = { host: transport.address, service, action: `start ${name}`, at: ['units', name] };
  if (!unit || unit.loadState === 'not-found') {
    const generator = await transport.run(['sh', '-c', GENERATOR_SCRIPT]);
    return new ApplyError({
      ...details,
      problem: 'systemd has no such unit: its file was not accepted',
      stderr: generator.stderr || stderr,
    });
  }
  const log = await transport.run(['sh', '-c', LOG_SCRIPT, 'sh', name]);
  return new ApplyError({
    ...details,
    problem: `it is ${unit.activeState} (${unit.subState}, ${unit.result}), expected active`,
    log: log.stdout.toString(),
    advice: `journalctl -u ${name}`,
  });
}

// The journal may lag behind what systemd says.
const LOG_SCRIPT = `journalctl --sync; exec journalctl --no-pager --quiet -o cat -n ${LOG_LINES} -u "$1"`;

const GENERATOR_SCRIPT = `
for quadlet in /usr/libexec/podman/quadlet /usr/lib/podman/quadlet; do
  [ -x "$quadlet" ] && exec "$quadlet" -dryrun >/dev/null
done
exit 0
`;

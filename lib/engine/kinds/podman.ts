import { ApplyError } from '../errors';
import type { Change, Program } from '../kind';
import type { Scope } from '../scope';

/** Programs that each kind of podman needs. */
export const PODMAN: Readonly<Record<string, Program>> = {
  podman: { package: 'podman', version: 'podman --version' },
};

/** Shell lines that list podman's objects with a Go template: the name, a tab, and other facts. */
export function listBy(command: string, template: string): string {
  return `command -v podman >/dev/null && podman ${command} --format '${template}'`;
}

/**
 * Removes networks, volumes or images, with their data. Missing ones are skipped, since a unit may remove its own
 * objects when it stops.
 * @throws ApplyError when one is in use
 */
export async function removeFromPodman(
  scope: Scope,
  things: 'network' | 'volume' | 'image',
  changes: readonly Change[],
): Promise<void> {
  const template = things === 'image' ? '{{.Repository}}:{{.Tag}}' : '{{.Name}}';
  const { stdout } = await scope.run(['podman', things, 'ls', '--format', template]);
  const there = new Set(stdout.toString().split('\n'));
  const names = changes.map(({ name }) => name).filter((name) => there.has(name));
  if (names.length === 0) return;
  const command = ['podman', things, 'rm', ...names];
  const { exitCode, stderr } = await scope.run(command);
  if (exitCode === 0) return;
  const filters = names.flatMap((name) => ['--filter', `${things === 'image' ? 'ancestor' : things}=${name}`]);
  const users = await scope.run(['podman', 'ps', '--all', '--format', '{{.Names}}', ...filters]);
  const containers = users.stdout.toString().split('\n').filter(Boolean).sort();
  const services = [...new Set(changes.map(({ service }) => service))];
  throw new ApplyError({
    host: scope.address,
    ...(services.length === 1 && { service: services[0] ?? '' }),
    action: `remove ${things} ${names.join(', ')}`,
    problem: `podman failed with exit code ${exitCode}${containers.length > 0 ? `: used by container ${containers.join(', ')}` : ''}`,
    ...(containers.length > 0 && { advice: `podman rm ${containers.join(' ')}` }),
    command,
    exitCode,
    stderr,
  });
}

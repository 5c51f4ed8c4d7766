import type { Transport } from '../transport';
import { commandError } from './errors';

/**
 * Removes containers that some units have left, which happens when a stop ran into its timeout: Quadlet labels each
 * container with its unit, so they are told from all others.
 */
export async function removeContainers(transport: Transport, units: readonly string[]): Promise<void> {
  const label = 'PODMAN_SYSTEMD_UNIT';
  const format = `{{.ID}} {{index .Labels "${label}"}}`;
  const { stdout } = await transport.run(['podman', 'ps', '--all', '--filter', `label=${label}`, '--format', format]);
  const left = stdout
    .toString()
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, unit]) => unit !== undefined && units.includes(unit))
    .flatMap(([id]) => id ?? []);
  if (left.length > 0) await transport.run(['podman', 'rm', '--force', '--ignore', '--volumes', ...left]);
}

/** Removes images from podman's store. Ones that are gone already are fine. @throws ApplyError when one is in use */
export async function removeImages(transport: Transport, references: readonly string[]): Promise<void> {
  if (references.length === 0) return;
  const command = ['podman', 'image', 'rm', '--ignore', ...references];
  const result = await transport.run(command);
  if (result.exitCode !== 0)
    throw commandError({ host: transport.address, action: `remove ${references.join(', ')}`, command }, result);
}

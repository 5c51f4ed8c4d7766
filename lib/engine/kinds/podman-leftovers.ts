import type { Scope } from '../scope';
import type { ServiceRecord } from '../service-record';

const LABEL = 'PODMAN_SYSTEMD_UNIT';
// JSON has no line breaks, and an image may have a label of the same name.
const FORMAT = `{{.ID}} {{json (index .Labels "${LABEL}")}}`;

/**
 * Removes containers that units of services have left after a stop timed out. Quadlet labels each container with its
 * unit.
 */
export async function removeContainers(scope: Scope, services: readonly ServiceRecord[]): Promise<void> {
  const quadlets = services.filter(({ owns }) => owns.files.some((path) => path.includes('/containers/systemd/')));
  const units = new Set(quadlets.flatMap(({ owns }) => owns.units.map((unit) => JSON.stringify(unit))));
  if (units.size === 0) return;
  const { stdout } = await scope.run(['podman', 'ps', '--all', '--filter', `label=${LABEL}`, '--format', FORMAT]);
  const left = stdout
    .toString()
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([id, unit]) => (id && unit && units.has(unit) ? [id] : []));
  if (left.length > 0) await scope.run(['podman', 'rm', '--force', '--ignore', '--volumes', ...left]);
}

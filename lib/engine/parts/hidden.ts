import { posix } from 'node:path';
import type { Manifest } from '../../manifest';
import type { ServiceRecord } from '../service-record';
import type { HostState } from '../state';
import type { Obstacle } from '../step';

/**
 * Directories other than /etc/systemd in which systemd and systemd-networkd look for a file.
 * @see systemd.unit(5) "Unit File Load Path", systemd.network(5)
 */
const BELOW = ['/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd'];

/**
 * Foreign files that a file in /etc/systemd would hide: templates, and files of networkd. Units are not included, since
 * systemd reports the path of a unit.
 */
export function hiddenBy(path: string, { units }: Pick<Manifest, 'units'>): string[] {
  const name = /^\/etc\/systemd\/((?:system|network)\/[^/]+)$/.exec(path)?.[1];
  if (name === undefined || posix.basename(name) in units) return [];
  return BELOW.map((directory) => `${directory}/${name}`);
}

/** The obstacle: a file of the host that would be hidden, such as the template of the user managers. */
export function hiddenObstacle(
  path: string,
  { files }: Pick<HostState, 'files'>,
  manifest: Manifest,
  record: ServiceRecord | undefined,
): Obstacle[] {
  if (manifest.adopt || record?.owns.files.includes(path)) return [];
  const hidden = hiddenBy(path, manifest).find((other) => files.has(other));
  if (hidden === undefined) return [];
  return [
    {
      at: ['files', path],
      action: `write ${path}`,
      problem: `it would hide ${hidden}, which the host needs`,
      advice: 'give the service another `name`, or set `adopt: true` on it to hide that file',
    },
  ];
}

import type { ImagePart } from '../../manifest';
import type { ServiceRecord } from '../state';
import type { Obstacle, Step } from '../step';

/** Plans one image of a service: present, and the one that was asked for. */
export function planImage(
  key: string,
  actual: { readonly id: string } | undefined,
  desired: ImagePart,
  record: ServiceRecord | undefined,
  adopt: boolean,
): Step[] {
  // An image or root that is taken over stays as it is, and so does one that an earlier service has left for this one.
  const taken = desired.retain || (adopt && (actual?.id === desired.id || desired.store === 'machines'));
  if (actual && !record && taken) return [];
  const reason = difference(actual, desired, record?.manifest.images[key]);
  return reason ? [{ verb: 'load', kind: 'images', key, reason }] : [];
}

function difference(
  actual: { readonly id: string } | undefined,
  desired: ImagePart,
  recorded: ImagePart | undefined,
): string | undefined {
  if (!actual) return 'is missing';
  if (desired.id !== undefined && actual.id !== desired.id && desired.store === 'podman') return 'is another image';
  if (recorded?.asset !== desired.asset)
    return desired.store === 'machines' ? 'is replaced by another; the old one is kept until the next time' : 'is new';
  return undefined;
}

/** What stands in the way: a machine's root or an image of that name that is not ours. */
export function imageObstacle(
  key: string,
  actual: { readonly id: string } | undefined,
  desired: ImagePart,
  record: ServiceRecord | undefined,
  adopt: boolean,
): Obstacle[] {
  if (!actual || adopt || desired.retain || record?.owns.images.includes(key) || actual.id === desired.id) return [];
  return [
    {
      at: ['images', key],
      action: `load ${key}`,
      problem: 'something that Bulkhead did not make is in its place',
      advice: `set \`adopt: true\` on the service to take it over, or move ${key} away`,
    },
  ];
}

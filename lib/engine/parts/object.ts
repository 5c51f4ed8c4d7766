import type { Manifest, ObjectPart } from '../../manifest';
import type { ServiceRecord } from '../state';
import type { Obstacle } from '../step';

/** Why a unit has to make its objects anew: one of them is gone. */
export function lostObject(name: string, manifest: Manifest, actual: ReadonlySet<string>): string | undefined {
  const lost = Object.entries(manifest.objects).find(([key, object]) => object.unit === name && !actual.has(key));
  return lost && `${lost[0]} is gone`;
}

/**
 * What stands in the way: an object of that name that is not ours. One that is retained is none, since an earlier
 * service may have left it for this one, and nothing removes it.
 */
export function objectObstacle(
  key: string,
  object: ObjectPart,
  actual: ReadonlySet<string>,
  record: ServiceRecord | undefined,
  adopt: boolean,
): Obstacle[] {
  if (!actual.has(key) || object.retain || adopt || record?.owns.objects.includes(key)) return [];
  const [, kind = '', name = ''] = /^(.*?):(.*)$/.exec(key) ?? [];
  const there = kind === 'link' ? 'the host has an interface' : `podman has ${kind === 'image' ? 'an' : 'a'} ${kind}`;
  return [
    {
      at: ['objects', key],
      action: `make ${kind} ${name}`,
      problem: `${there} of that name that Bulkhead did not make`,
      advice: `set \`adopt: true\` on the service to take it over, or give it another name`,
    },
  ];
}

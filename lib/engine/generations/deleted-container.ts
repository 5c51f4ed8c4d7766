import { CONTAINER_TRIGGER, type Manifest } from '../../manifest';
import type { HostState } from '../state';
import type { Obstacle } from '../step';
import type { KeptVersion } from './read';

/** Why a service can't go back: another Terraform provider has deleted the container of that version. Pure. */
export function deletedContainer({ service, manifest }: KeptVersion, records: HostState['records']): Obstacle[] {
  const now = records.get(service)?.manifest;
  const isDeleted = Object.keys(manifest.units).some((unit) => {
    const container = containerOf(manifest, unit);
    return container !== undefined && container !== (now && containerOf(now, unit));
  });
  if (!isDeleted) return [];
  const problem = 'another Terraform provider made its previous container, and has deleted it since';
  const advice = 'apply that version of your program instead';
  return [{ at: ['name'], action: `roll back ${service}`, problem, advice }];
}

const containerOf = ({ units }: Manifest, unit: string) => units[unit]?.triggers?.[CONTAINER_TRIGGER];

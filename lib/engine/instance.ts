import { posix } from 'node:path';
import type { ServiceRecord } from './service-record';
import type { HostState } from './state';
import type { ServicePlan } from './step';
import type { TarFile } from './tar';

/*
 * With create_before_destroy, Terraform makes a service anew over the one that is there and then destroys the old one,
 * which has the same name, stack and construct path. They are told apart by a word that Terraform keeps beside its state,
 * and the host in a file beside the record, since records are the same whoever applied.
 */

/** Where that file lies, by the service's name. Without it, nothing is known of instances, as before Terraform came. */
export const INSTANCES_DIR = '/var/cache/bulkhead/instances';

export const instancePath = (name: string): string => posix.join(INSTANCES_DIR, name);

/** Which instance each service is to be from now on. */
export type Instances = ReadonlyMap<string, string | undefined>;

/** The plan of a service, which is to be that instance of itself from then on. */
export function asInstance(plan: ServicePlan, instances: Instances | undefined, state: HostState): ServicePlan {
  const before = state.records.get(plan.name)?.instance;
  const instance = instances?.get(plan.name) ?? before;
  const { name: key, steps, obstacles } = plan;
  if (instance === before || steps.length > 0 || obstacles.length > 0) return { ...plan, instance };
  return { ...plan, instance, steps: [{ verb: 'record', kind: 'files', key, reason: 'is another instance' }] };
}

/** The file that says so, if it does not yet. */
export function instanceFiles({ name, instance }: ServicePlan, state: HostState): TarFile[] {
  if (instance === undefined || instance === state.records.get(name)?.instance) return [];
  return [{ path: instancePath(name), content: instance, mode: '0600', owner: 'root', group: 'root' }];
}

/** Whether what the host has of a service may be that instance of it. */
export function isInstance(record: ServiceRecord, instance: string | undefined): boolean {
  return record.instance === undefined || record.instance === instance;
}

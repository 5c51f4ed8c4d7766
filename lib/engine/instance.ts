import { posix } from 'node:path';
import type { ServiceRecord } from './service-record';
import type { HostState } from './state';
import type { ServicePlan } from './step';
import type { TarFile } from './tar';

/*
 * With create_before_destroy, Terraform creates a service anew over the existing one, and then destroys the old one,
 * which has the same name, stack and construct path. An instance is a word that distinguishes the two. Terraform keeps
 * it beside its state. The host keeps it in a file beside the record, since records do not depend on who applied.
 */

/**
 * Directory of the files with instances, by service name. Without such a file, the instance is not known, as before
 * Terraform was used.
 */
export const INSTANCES_DIR = '/var/cache/bulkhead/instances';

export const instancePath = (name: string): string => posix.join(INSTANCES_DIR, name);

/** The instance of each service from now on. */
export type Instances = ReadonlyMap<string, string | undefined>;

/** The plan of a service that becomes the given instance. */
export function asInstance(plan: ServicePlan, instances: Instances | undefined, state: HostState): ServicePlan {
  const before = state.records.get(plan.name)?.instance;
  const instance = instances?.get(plan.name) ?? before;
  const { name: key, steps, obstacles } = plan;
  if (instance === before || steps.length > 0 || obstacles.length > 0) return { ...plan, instance };
  return { ...plan, instance, steps: [{ verb: 'record', kind: 'files', key, reason: 'is another instance' }] };
}

/** The file with the instance, if the host does not have it yet. */
export function instanceFiles({ name, instance }: ServicePlan, state: HostState): TarFile[] {
  if (instance === undefined || instance === state.records.get(name)?.instance) return [];
  return [{ path: instancePath(name), content: instance, mode: '0600', owner: 'root', group: 'root' }];
}

/** Whether the service on the host may be the given instance. */
export function isInstance(record: ServiceRecord, instance: string | undefined): boolean {
  return record.instance === undefined || record.instance === instance;
}

import { checkManifest, parseObjectKey } from '../manifest';
import { fromTerraform, type ServiceConfig } from '../manifest/terraform';
import { DiagnosticError } from './diagnostics';
import type { Config } from './service-schema';
import { UNKNOWN } from './unknown';

/** The service in a configuration. @throws DiagnosticError for an invalid manifest */
export function checked(config: Config): ServiceConfig {
  const service = fromTerraform(config);
  const [problem] = checkManifest(service.manifest);
  if (problem) {
    const where = problem.at.join('.');
    throw new DiagnosticError(`Cannot use ${where}: ${problem.message} (at ${service.manifest.path})`, {
      path: problem.at,
    });
  }
  return service;
}

/** Whether a value has no unknown part. */
export function isKnown(value: unknown): boolean {
  if (value === UNKNOWN) return false;
  return typeof value !== 'object' || value === null || Object.values(value).every(isKnown);
}

/** Reads a service from its state. @throws DiagnosticError when this provider did not write the state */
export function inState(state: Config): ServiceConfig {
  const service = fromTerraform(state);
  const unknown = Object.keys(service.manifest.objects).find((key) => !parseObjectKey(key));
  if (unknown === undefined) return service;
  throw new DiagnosticError(`Cannot use the state of ${service.manifest.name}: it has an object of an unknown kind`, {
    detail: `"${unknown}" was written by a newer version of the provider, or by hand.`,
    path: ['objects'],
  });
}

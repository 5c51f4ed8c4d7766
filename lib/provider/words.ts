import { ApplyError, CutOffError, causesOf, type Impact, type Obstacle, type ServicePlan } from '../engine';
import type { ServiceConfig } from '../manifest/terraform';
import { TransportError } from '../transport';
import { type Diagnostic, DiagnosticError, diagnosticOf } from './diagnostics';

/** The engine failed after it had begun, so a part of the service is on the host. */
export class HalfMade extends DiagnosticError {}

/** Converts errors of the engine and the transports to diagnostics of a service. */
export async function asDiagnostics<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw worded(error, path);
  }
}

function worded(error: unknown, path: string): unknown {
  if (error instanceof CutOffError) {
    const { summary, ...more } = diagnosticOf(worded(error.cause, path));
    return new HalfMade(summary, more);
  }
  if (error instanceof TransportError) {
    const [summary, ...more] = error.message.split('\n');
    const detail = [...more, ...(error.advice ? [`do: ${error.advice}`] : [])].join('\n');
    return new DiagnosticError(`${summary} (at ${path})`, { detail, path: ['host', 'address'] });
  }
  if (!(error instanceof ApplyError)) return error;
  const Diagnostic = error.details.untouched ? DiagnosticError : HalfMade;
  const { at } = error.details;
  return new Diagnostic(error.shortMessage, { detail: error.detail, ...(at && { path: at }) });
}

/**
 * Like {@link asDiagnostics}, for an action that services share, such as a look at their host. The failure is reported
 * for the first service only. The others get `undefined`.
 * @param failures failures that have been reported
 */
export function asDiagnosticsOnce<T>(
  failures: Set<unknown>,
  path: string,
  action: () => Promise<T>,
): Promise<T | undefined> {
  return asDiagnostics(path, async () => {
    try {
      return await action();
    } catch (error) {
      if (failures.has(error)) return undefined;
      failures.add(error);
      throw error;
    }
  });
}

/** What differs, in words, or why that is not known. */
export function differences(plan: ServicePlan): string[] {
  return [
    ...causesOf(plan).map(({ key, reason }) => `${key} ${reason}`),
    ...(plan.steps.length === 0 ? plan.obstacles.map(({ problem }) => problem) : []),
  ];
}

export const impactInWords = ({ kind, key, reason }: Impact) => `${kind} ${key}: ${reason}`;

/** The diagnostic for an obstacle of a service. */
export function obstacleDiagnostic(
  { host, manifest }: ServiceConfig,
  { at, action, problem, advice }: Obstacle,
): Diagnostic {
  const summary = `Cannot ${action} on ${host.address}: ${problem} (at ${manifest.path})`;
  return { summary, path: at, ...(advice && { detail: advice }) };
}

import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ApplyError, HostSession, type HostState, planService, type Step } from '../engine';
import { checkManifest, type HostAddress, type Manifest } from '../manifest';
import { fromTerraform, type ServiceConfig, toTerraform } from '../manifest/terraform';
import { connect, TransportError } from '../transport';
import { DiagnosticError } from './diagnostics';
import type { Context, Provider, Resource } from './resource';
import { SERVICE_SCHEMA } from './service-schema';
import { UNKNOWN } from './unknown';

type Config = Readonly<Record<string, unknown>>;
type Computed = { readonly drift: readonly string[] };

/** Assets lie beside the stack's cdk.tf.json, where Terraform runs. */
const assetPath = (sha256: string) => resolve('assets', sha256);

/** The provider: one resource, and one session for each host, kept for as long as the process runs. */
export function bulkheadProvider(): Provider {
  const sessions = new Map<string, HostSession>();
  const sessionOf = (host: HostAddress, { signal }: Context): HostSession => {
    const key = JSON.stringify(host);
    const session = sessions.get(key) ?? new HostSession(connect(host), { asset: assetPath, signal });
    sessions.set(key, session);
    return session;
  };
  return {
    resources: { bulkhead_service: serviceResource(sessionOf) as unknown as Resource },
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
    },
  };
}

type SessionOf = (host: HostAddress, context: Context) => HostSession;

function serviceResource(sessionOf: SessionOf): Resource<Config, Computed> {
  const session = (config: Config, context: Context) => sessionOf(fromTerraform(config).host, context);
  const apply = async (config: Config, context: Context): Promise<Computed> => {
    const { host, manifest } = checked(config);
    await told(() => sessionOf(host, context).apply(manifest));
    return { drift: [] };
  };

  return {
    schema: SERVICE_SCHEMA,

    validate(config) {
      if (isKnown(config)) checked(config);
    },

    async plan({ config, prior, planned }, context) {
      if (!isKnown(config)) return { planned: { ...planned, drift: [] } };
      const { host, manifest } = fromTerraform(config);
      const result = { ...planned, drift: [] };
      if (prior && isDeepStrictEqual({ ...prior }, { ...result })) return { planned: result };
      // A name or a host that changes makes a new service, which finds out at apply what is in its way.
      const { obstacles } = await told(() => sessionOf(host, context).plan(manifest));
      for (const { at, action, problem, advice } of obstacles) {
        context.error({
          summary: `Cannot ${action} on ${host.address}: ${problem} (at ${manifest.path})`,
          ...(advice && { detail: advice }),
          path: at,
        });
      }
      return { planned: result };
    },

    async read(state, context) {
      const { host, manifest } = fromTerraform(state);
      const actual = await told(() => session(state, context).read(manifest));
      if (isGone(actual, manifest)) return undefined;
      const { steps } = planService(actual, manifest);
      return {
        ...toTerraform({ host, manifest: asFound(actual, manifest) }),
        drift: differences(steps),
      };
    },

    async create({ config }, context) {
      try {
        return await apply(config, context);
      } catch (error) {
        if (!(error instanceof HalfMade)) throw error;
        context.error(error.diagnostic);
        return { drift: [] };
      }
    },

    update({ config }, context) {
      return apply(config, context);
    },

    async delete(state, context) {
      await told(() => session(state, context).remove(fromTerraform(state).manifest.name));
    },
  };
}

/** The engine failed after it had begun: some of the service is on the host. */
class HalfMade extends DiagnosticError {}

/** Words the errors of the engine and the transports as diagnostics. */
async function told<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof TransportError)
      throw new DiagnosticError(error.message, {
        ...(error.advice && { detail: error.advice }),
        path: ['host', 'address'],
      });
    if (!(error instanceof ApplyError)) throw error;
    const Diagnostic = error.details.untouched ? DiagnosticError : HalfMade;
    const { at } = error.details;
    throw new Diagnostic(error.shortMessage, { detail: error.detail, ...(at && { path: at }) });
  }
}

/** What differs, in words. That a unit is restarted follows from what it reads, unless nothing else differs. */
function differences(steps: readonly Step[]): string[] {
  const causes = steps.filter(({ verb }) => verb !== 'restart');
  return (causes.length > 0 ? causes : steps).map(({ key, reason }) => `${key} ${reason}`);
}

function checked(config: Config): ServiceConfig {
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

function isKnown(value: unknown): boolean {
  if (value === UNKNOWN) return false;
  return typeof value !== 'object' || value === null || Object.values(value).every(isKnown);
}

/** Nothing of the service is left, not even the record of it: Terraform makes it anew. */
function isGone(actual: HostState, { name, files, units, images }: Manifest): boolean {
  const some =
    actual.records.has(name) ||
    Object.keys(files).some((path) => actual.files.has(path)) ||
    Object.keys(images).some((key) => actual.images.has(key)) ||
    Object.keys(units).some((unit) => actual.units.get(unit)?.loadState === 'loaded');
  return !some;
}

/** The manifest as the host has it, so that Terraform shows what differs value by value. */
function asFound(actual: HostState, manifest: Manifest): Manifest {
  const files: Record<string, Manifest['files'][string]> = {};
  for (const [path, wanted] of Object.entries(manifest.files)) {
    const found = actual.files.get(path);
    if (found?.type !== 'file') continue;
    const { mode, owner, group } = found;
    const content =
      wanted.asset === undefined
        ? { content: found.content?.toString() ?? '' }
        : { asset: found.sha256 ?? wanted.asset };
    files[path] = { ...content, mode, owner, group };
  }
  const units: Record<string, Manifest['units'][string]> = {};
  for (const [name, wanted] of Object.entries(manifest.units)) {
    const found = actual.units.get(name);
    units[name] = {
      ...wanted,
      ...(wanted.state !== undefined && {
        state: found?.loadState === 'masked' ? 'masked' : (found?.activeState ?? 'inactive'),
      }),
      ...(wanted.enabled !== undefined && { enabled: /^(enabled|alias|linked)/.test(found?.unitFileState ?? '') }),
    };
  }
  const images = Object.fromEntries(Object.entries(manifest.images).filter(([key]) => actual.images.has(key)));
  return { ...manifest, files, units, images };
}

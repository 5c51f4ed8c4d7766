import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  ApplyError,
  causesOf,
  HostSession,
  type HostState,
  type Impact,
  impactsOf,
  type Obstacle,
  planRemoval,
  planService,
  type ServicePlan,
} from '../engine';
import { checkManifest, type HostAddress } from '../manifest';
import { fromTerraform, type ServiceConfig, toTerraform } from '../manifest/terraform';
import { connect, TransportError } from '../transport';
import { type Diagnostic, DiagnosticError } from './diagnostics';
import type { Context, Provider, Resource } from './resource';
import { hostAsSeen, type SeenHost, seenHost } from './seen-host';
import { SERVICE_SCHEMA } from './service-schema';
import { asFound, isGone } from './service-state';
import { UNKNOWN } from './unknown';

type Config = Readonly<Record<string, unknown>>;
type Computed = { readonly drift: readonly string[]; readonly impact: readonly string[] };

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
    resources: { bulkhead_service: serviceResource(sessionOf) },
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
    },
  };
}

type SessionOf = (host: HostAddress, context: Context) => HostSession;

function serviceResource(sessionOf: SessionOf): Resource<Config, Computed> {
  const apply = async (config: Config, planned: Partial<Computed>, context: Context): Promise<Computed> => {
    const { host, manifest } = checked(config);
    await told(manifest.path, () => sessionOf(host, context).apply(manifest));
    context.private = undefined;
    return { drift: [], impact: planned.impact ?? [] };
  };

  /** Services share one look at their host: when it fails, the first one tells, and the others give `undefined`. */
  const failures = new Set<unknown>();
  const look = <T>(path: string, action: () => Promise<T>): Promise<T | undefined> =>
    told(path, async () => {
      try {
        return await action();
      } catch (error) {
        if (failures.has(error)) return undefined;
        failures.add(error);
        throw error;
      }
    });

  /** What is there: Terraform does not show it again when it plans to create anew what is tainted or in `-replace=`. */
  const known = new Map<string, Existing>();
  /** Names of which one construct lets go and another one wants them, which Terraform plans in any order. */
  const leaving = new Map<string, Existing>();
  const coming = new Map<string, ServiceConfig>();
  const place = ({ host, manifest }: ServiceConfig) => JSON.stringify([host.address, manifest.name]);
  const identity = ({ host, manifest }: ServiceConfig) => JSON.stringify([host.address, manifest.name, manifest.path]);

  return {
    schema: SERVICE_SCHEMA,

    validate(config) {
      if (isKnown(config)) checked(config);
    },

    async plan({ config, prior, planned }, context) {
      const service = fromTerraform(config as Config);
      const { host, manifest } = service;
      const there = known.get(identity(service)) ?? leaving.get(place(service));
      const existing = prior ? asInState(prior, context) : there;
      if (!prior) coming.set(place(service), service);
      if (existing && (!prior || isMoved(existing.service, service))) tellOfLoss(existing, service, context);
      if (prior && existing) known.set(identity(service), existing);
      if (!isKnown(config)) return { planned: { ...planned, drift: [] } };
      const { drift = [], impact = [] } = prior ?? {};
      const same = prior && isDeepStrictEqual({ ...prior, drift, impact }, { ...planned, drift, impact });
      if (same && drift.length === 0) return { planned: { ...planned, drift, impact } };
      const plan = prior && existing && planService(existing.seen(), manifest);
      // The host matches already, by `bulkhead apply` for example: that it differs from the state is nothing to do.
      if (same && plan?.steps.length === 0) return { planned: { ...planned, drift, impact } };
      // A name or a host that changes makes a new service, which finds out at apply what is in its way.
      const live = await look(manifest.path, () => sessionOf(host, context).plan(manifest));
      for (const obstacle of live?.obstacles ?? []) {
        // What runs as another user is replaced: by then it is destroyed.
        if (obstacle.at[0] === 'user') continue;
        context.error(obstacleTo(service, obstacle));
      }
      return { planned: { ...planned, drift: [], impact: plan ? impactsOf(plan).map(words) : [] } };
    },

    async planDelete(state, context) {
      const existing = asInState(state, context);
      leaving.set(place(existing.service), existing);
      const successor = coming.get(place(existing.service));
      if (successor) tellOfLoss(existing, successor, context);
      else warnOfLoss('Destroying', existing, context);
    },

    async read(state, context) {
      const { host, manifest } = fromTerraform(state);
      const actual = await look(manifest.path, () => sessionOf(host, context).read(manifest));
      if (!actual) return state;
      if (isGone(actual, manifest)) return undefined;
      // One that was never applied as a whole has nothing to lose.
      if (actual.records.get(manifest.name)?.complete)
        known.set(identity({ host, manifest }), { service: { host, manifest }, seen: () => actual });
      const drift = differences(planService(actual, manifest));
      context.private = drift.length > 0 ? seenHost(actual, manifest) : undefined;
      return { ...toTerraform({ host, manifest: asFound(actual, manifest) }), drift, impact: [] };
    },

    async create({ config, planned }, context) {
      try {
        return await apply(config, planned, context);
      } catch (error) {
        if (!(error instanceof HalfMade)) throw error;
        context.error(error.diagnostic);
        return { drift: [], impact: planned.impact ?? [] };
      }
    },

    update({ config, planned }, context) {
      return apply(config, planned, context);
    },

    async delete(state, context) {
      const { host, manifest } = fromTerraform(state);
      await told(manifest.path, () => sessionOf(host, context).remove(manifest));
    },

    async import(id, context) {
      const [, address = '', name = ''] = /^(.+)\/([^/]+)$/.exec(id) ?? [];
      if (!name)
        throw new DiagnosticError(`Cannot import "${id}": expected HOST/NAME, such as ssh://root@192.0.2.10/web`);
      const found = await told(name, async () => sessionOf({ address }, context).service(name));
      if (!found)
        throw new DiagnosticError(
          `Cannot import "${name}" from ${address}: Bulkhead made no service of that name there`,
          {
            detail: 'To take over what something else made, declare the service with `adopt: true` and apply it.',
          },
        );
      return toTerraform({ host: { address }, manifest: asFound(found.state, found.manifest) });
    },
  };
}

/** The engine failed after it had begun: some of the service is on the host. */
class HalfMade extends DiagnosticError {}

/** Words the errors of the engine and the transports as diagnostics of a service. */
async function told<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof TransportError) {
      const [summary, ...more] = error.message.split('\n');
      const detail = [...more, ...(error.advice ? [`do: ${error.advice}`] : [])].join('\n');
      throw new DiagnosticError(`${summary} (at ${path})`, { detail, path: ['host', 'address'] });
    }
    if (!(error instanceof ApplyError)) throw error;
    const Diagnostic = error.details.untouched ? DiagnosticError : HalfMade;
    const { at } = error.details;
    throw new Diagnostic(error.shortMessage, { detail: error.detail, ...(at && { path: at }) });
  }
}

/** What differs, in words, or what keeps from telling. */
function differences(plan: ServicePlan): string[] {
  return [
    ...causesOf(plan).map(({ key, reason }) => `${key} ${reason}`),
    ...(plan.steps.length === 0 ? plan.obstacles.map(({ problem }) => problem) : []),
  ];
}

const words = ({ kind, key, reason }: Impact) => `${kind} ${key}: ${reason}`;

/** A service that is there, and its host. */
interface Existing {
  readonly service: ServiceConfig;
  readonly seen: () => HostState;
}

// Most services are as they should be, and nobody asks for their host.
function asInState(state: Config, { private: seen }: Context): Existing {
  const service = fromTerraform(state);
  return { service, seen: () => hostAsSeen(service.manifest, seen as SeenHost | undefined) };
}

/** Whether a service gets another host, name or user, perhaps one not known yet: Terraform makes a new one of that. */
function isMoved(before: ServiceConfig, after: ServiceConfig): boolean {
  const { name, user } = before.manifest;
  return before.host.address !== after.host.address || name !== after.manifest.name || user !== after.manifest.user;
}

/** Refuses to replace a service that would lose more than was said, and warns of what is lost otherwise. */
function tellOfLoss(existing: Existing, after: ServiceConfig, context: Context): void {
  const { service, seen } = existing;
  const { obstacles } = planRemoval(seen(), service.manifest.name, after.manifest);
  for (const obstacle of obstacles) context.error(obstacleTo(service, obstacle));
  if (obstacles.length === 0) warnOfLoss('Replacing', existing, context);
}

function obstacleTo({ host, manifest }: ServiceConfig, { at, action, problem, advice }: Obstacle): Diagnostic {
  const summary = `Cannot ${action} on ${host.address}: ${problem} (at ${manifest.path})`;
  return { summary, path: at, ...(advice && { detail: advice }) };
}

/** Terraform shows no attributes of what is removed: a warning is all that it shows. */
function warnOfLoss(doing: string, { service, seen }: Existing, context: Context): void {
  const { host, manifest } = service;
  const lost = impactsOf(planRemoval(seen(), manifest.name)).filter(({ kind }) => kind === 'data loss');
  if (lost.length === 0) return;
  context.warn({
    summary: `${doing} ${manifest.name} loses data on ${host.address} (at ${manifest.path})`,
    detail: lost.map(({ key, reason }) => `${key} ${reason}`).join('\n'),
  });
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

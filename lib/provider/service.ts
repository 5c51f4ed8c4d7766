import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { HostSession, planService, type Remade, remadeBy, remadeFor, Sources } from '../engine';
import type { HostAddress, Manifest } from '../manifest';
import { fromTerraform, SECRET_VALUES, toTerraform } from '../manifest/terraform';
import { connect } from '../transport';
import { DiagnosticError } from './diagnostics';
import { type Kept, keptOf } from './kept';
import { log } from './log';
import { planChange } from './plan-change';
import { asInState, Replacements } from './replacements';
import type { Context, Resource } from './resource';
import { seenHost } from './seen-host';
import { checked, inState } from './service-config';
import type { Computed, Config } from './service-schema';
import { asFound, isGone } from './service-state';
import { asDiagnostics, asDiagnosticsOnce, differences, HalfMade } from './words';

/** Assets lie beside the stack's cdk.tf.json, where Terraform runs. */
const assetPath = (sha256: string) => resolve('assets', sha256);

/** Whether to ask registries about tags, as `bulkhead plan --check-tags` does. Terraform has no options for providers. */
const isCheckingTags = () => !['', '0', undefined].includes(process.env.BULKHEAD_CHECK_TAGS);

type Service = Required<Omit<Resource<Config, Computed>, 'schema' | 'validate' | 'upgrade'>>;

/** The part of the provider that looks at hosts and changes them. */
export interface LiveProvider {
  readonly service: Service;
  close(): Promise<void>;
}

/** One session for each host, kept for as long as the process runs. */
export function liveProvider(): LiveProvider {
  const sessions = new Map<string, HostSession>();
  const sessionOf = (host: HostAddress, { signal }: Context): HostSession => {
    const key = JSON.stringify(host);
    const waiting = (message: string) => log('info', message, { host: host.address });
    const options = { asset: assetPath, signal, waiting, checkTags: isCheckingTags() };
    const session = sessions.get(key) ?? new HostSession(connect(host), options);
    sessions.set(key, session);
    return session;
  };
  return {
    service: serviceOn(sessionOf),
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
    },
  };
}

type SessionOf = (host: HostAddress, context: Context) => HostSession;

function serviceOn(sessionOf: SessionOf): Service {
  const sources = new Sources();
  const valuesOf = (config: Config, manifest: Manifest) =>
    sources.valuesOf([manifest], config[SECRET_VALUES] as Readonly<Record<string, string>> | undefined);
  const apply = async (config: Config, planned: Partial<Computed>, context: Context): Promise<Computed> => {
    const { host, manifest } = checked(config);
    const { instance = randomUUID() } = keptOf(context);
    context.private = { instance } satisfies Kept;
    const values = await valuesOf(config, manifest);
    await asDiagnostics(manifest.path, () => sessionOf(host, context).apply(manifest, instance, values));
    return { drift: [], impact: planned.impact ?? [] };
  };

  const failures = new Set<unknown>();
  const replacements = new Replacements();
  // Terraform reads a service after those that it depends on.
  const remade = new Map<string, Remade>();

  return {
    async plan(change, context) {
      const service = fromTerraform(change.config as Config);
      const { host, manifest } = service;
      const look = async () =>
        sessionOf(host, context).look(manifest, await valuesOf(change.config as Config, manifest));
      const existing = replacements.plan(service, change.prior && asInState(change.prior, context), context);
      return planChange(change, { service, existing, failures, look }, context);
    },

    async planDelete(state, context) {
      replacements.planDelete(asInState(state, context), context);
    },

    async read(state, context) {
      const { host, manifest } = inState(state);
      const found = await asDiagnosticsOnce(failures, manifest.path, () => sessionOf(host, context).read(manifest));
      if (!found) return state;
      const known = remade.get(host.address) ?? new Map();
      const actual = { ...found, remade: remadeFor(manifest, known) };
      const { instance } = keptOf(context);
      if (isGone(actual, manifest, instance)) return undefined;
      // One that was never applied as a whole has nothing to lose.
      if (actual.records.get(manifest.name)?.complete)
        replacements.found({ service: { host, manifest }, seen: () => actual });
      const plan = planService(actual, manifest);
      remade.set(host.address, new Map([...known, ...remadeBy([plan], actual)]));
      const drift = differences(plan);
      context.private = { instance, ...(drift.length > 0 && { seen: seenHost(actual, manifest) }) } satisfies Kept;
      return { ...toTerraform({ host, manifest: asFound(actual, manifest) }), drift, impact: [] };
    },

    async create({ config, planned }, context) {
      context.private = undefined;
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
      const { host, manifest } = inState(state);
      await asDiagnostics(manifest.path, () => sessionOf(host, context).remove(manifest, keptOf(context).instance));
    },

    async import(id, context) {
      const [, address = '', name = ''] = /^(.+)\/([^/]+)$/.exec(id) ?? [];
      if (!name)
        throw new DiagnosticError(`Cannot import "${id}": expected HOST/NAME, such as ssh://root@192.0.2.10/web`);
      const found = await asDiagnostics(name, async () => sessionOf({ address }, context).service(name));
      if (!found)
        throw new DiagnosticError(
          `Cannot import "${name}" from ${address}: Bulkhead did not create a service of that name there`,
          {
            detail: 'To take over what something else created, declare the service with `adopt: true` and apply it.',
          },
        );
      const { manifest, instance } = found.record;
      context.private = { instance } satisfies Kept;
      return toTerraform({ host: { address }, manifest: asFound(found.state, manifest) });
    },
  };
}

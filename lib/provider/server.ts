import { isDeepStrictEqual } from 'node:util';
import { decodeMessage, encodeMessage } from './codec';
import { DiagnosticError, pathMessage } from './diagnostics';
import type { Call, Routes } from './http2-server';
import { type Incoming, METHODS, type Method, type Outgoing, pathOf } from './messages';
import { NO_PRIVATE, operateOn } from './operation';
import { changedPaths, knownPart, markComputed } from './planning';
import type { Provider, Resource } from './resource';
import { CAPABILITIES, keptAttributes, replacePaths, schemaAnswer } from './schema';
import { readObject, type Values, writeObject } from './values';

type Rpcs = {
  [M in Method]: (request: Incoming<`${M}Request`>) => Outgoing<`${M}Response`> | Promise<Outgoing<`${M}Response`>>;
};

/** The calls of the plugin protocol for a provider. `stop` is called when the user interrupts Terraform. */
export function providerRoutes(provider: Provider, signal: AbortSignal, stop: () => void): Routes {
  const calls = rpcs(provider, signal, stop);
  const overBytes =
    <M extends Method>(method: M): Call =>
    async (bytes) => {
      const request = decodeMessage<`${M}Request`>(`${method}Request`, bytes);
      return encodeMessage<`${M}Response`>(`${method}Response`, await calls[method](request));
    };
  return new Map(METHODS.map((method) => [pathOf(method), overBytes(method)]));
}

function rpcs(provider: Provider, signal: AbortSignal, stop: () => void): Rpcs {
  const operate = operateOn(provider, signal);
  return {
    GetMetadata: () => ({
      serverCapabilities: CAPABILITIES,
      resources: Object.keys(provider.resources).map((typeName) => ({ typeName })),
    }),

    GetProviderSchema: () => schemaAnswer(provider.resources),

    ValidateProviderConfig: () => ({}),

    ConfigureProvider: () => ({}),

    StopProvider() {
      stop();
      return {};
    },

    async ValidateResourceConfig({ typeName, config, clientCapabilities }) {
      const { diagnostics } = await operate(typeName, NO_PRIVATE, async ({ resource, attributes, context }) => {
        const values = readObject(attributes, config) ?? {};
        if (!clientCapabilities?.writeOnlyAttributesAllowed)
          refuseWriteOnly(values, readObject(keptAttributes(attributes), config) ?? {});
        await resource.validate?.(values, context);
      });
      return { diagnostics };
    },

    async UpgradeResourceState({ typeName, version, rawState }) {
      const { answer, diagnostics } = await operate(typeName, NO_PRIVATE, ({ resource, attributes }) => {
        const current = resource.schema.version ?? 0;
        // Returned unparsed, because JSON.parse would round large numbers. Terraform itself drops attributes that no
        // longer exist.
        if (version === current) return { json: rawState?.json };
        return writeObject(attributes, upgrade(resource, typeName, version, JSON.parse(textOf(rawState?.json))));
      });
      return { upgradedState: answer, diagnostics };
    },

    async ReadResource({ typeName, currentState, private: kept }) {
      const result = await operate(typeName, kept, async ({ resource, attributes, context }) => {
        const state = readObject(attributes, currentState);
        return writeObject(attributes, state && (await resource.read(state, context)));
      });
      return { newState: result.answer ?? currentState, private: result.private, diagnostics: result.diagnostics };
    },

    async PlanResourceChange({ typeName, priorState, proposedNewState, config, priorPrivate }) {
      const result = await operate(typeName, priorPrivate, async ({ resource, attributes, context }) => {
        const prior = readObject(attributes, priorState);
        const values = readObject(attributes, config) ?? {};
        // Terraform leaves write-only values in its proposal. They would look like a change.
        const proposed = readObject(keptAttributes(attributes), proposedNewState);
        if (!proposed) {
          if (prior) await resource.planDelete?.(prior, context);
          return { plannedState: writeObject(attributes, undefined) };
        }
        const planned = markComputed(attributes, proposed, values, prior);
        const plan = (await resource.plan?.({ config: values, prior, planned }, context)) ?? { planned };
        const replace = [...replacePaths(attributes), ...(plan.requiresReplace ?? [])];
        return {
          plannedState: writeObject(attributes, plan.planned),
          requiresReplace:
            prior && changedPaths(prior, plan.planned, replace).map((path) => pathMessage(path, attributes)),
        };
      });
      return { ...result.answer, plannedPrivate: result.private, diagnostics: result.diagnostics };
    },

    async ApplyResourceChange({ typeName, priorState, plannedState, config, plannedPrivate }) {
      const result = await operate(typeName, plannedPrivate, async ({ resource, attributes, context }) => {
        const prior = readObject(attributes, priorState);
        const promised = readObject(attributes, plannedState);
        if (!promised) {
          if (prior) await resource.delete(prior, context);
          return writeObject(attributes, undefined);
        }
        const change = { config: readObject(attributes, config) ?? {}, planned: knownPart(promised) };
        const outcome = await (prior
          ? resource.update({ ...change, prior }, context)
          : resource.create(change, context));
        return writeObject(attributes, { ...change.planned, ...outcome });
      });
      return { newState: result.answer ?? priorState, private: result.private, diagnostics: result.diagnostics };
    },

    async ImportResourceState({ typeName, id }) {
      const result = await operate(typeName, NO_PRIVATE, async ({ resource, attributes, context }) => {
        if (!resource.import) throw new DiagnosticError(`Cannot import ${typeName} "${id}": it can't be imported`);
        return writeObject(attributes, await resource.import(id, context));
      });
      const imported = result.answer && { typeName, state: result.answer, private: result.private };
      return { importedResources: imported ? [imported] : [], diagnostics: result.diagnostics };
    },
  };
}

function refuseWriteOnly(config: Values, kept: Values): void {
  const name = Object.keys(config).find((key) => !isDeepStrictEqual(config[key], kept[key]));
  if (name === undefined) return;
  throw new DiagnosticError(`Cannot use "${name}": write-only attributes need Terraform 1.11 or newer`, {
    path: [name],
  });
}

function upgrade(resource: Resource, typeName: string, version: number, state: Values): object {
  const current = resource.schema.version ?? 0;
  if (version < current && resource.upgrade) return resource.upgrade(version, state);
  throw new DiagnosticError(`Cannot read ${typeName} from the state: it has version ${version}, expected ${current}`, {
    detail: version > current ? 'The state was written by a newer version of the provider: upgrade the provider.' : '',
  });
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? NO_PRIVATE).toString();
}

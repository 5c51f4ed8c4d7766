import type { Provider, Resource } from './resource';
import type { LiveProvider } from './service';
import { checked, isKnown } from './service-config';
import { type Computed, type Config, SERVICE_SCHEMA } from './service-schema';

/**
 * The provider. It checks configurations itself. For everything else it loads the engine and the transports. A process
 * that Terraform starts for the schema or for `validate` never needs them.
 */
export function bulkheadProvider(): Provider {
  let loading: Promise<LiveProvider> | undefined;
  const live = async () => {
    loading ??= import('./service.js').then(({ liveProvider }) => liveProvider());
    return (await loading).service;
  };
  const service: Resource<Config, Computed> = {
    schema: SERVICE_SCHEMA,

    validate(config) {
      if (isKnown(config)) checked(config);
    },

    plan: async (change, context) => (await live()).plan(change, context),
    planDelete: async (state, context) => (await live()).planDelete(state, context),
    read: async (state, context) => (await live()).read(state, context),
    create: async (change, context) => (await live()).create(change, context),
    update: async (change, context) => (await live()).update(change, context),
    delete: async (state, context) => (await live()).delete(state, context),
    import: async (id, context) => (await live()).import(id, context),
  };
  return {
    resources: { bulkhead_service: service },
    close: async () => (await loading)?.close(),
  };
}

import { decodeMessage, encodeMessage } from '../../lib/provider/codec';
import { DiagnosticError } from '../../lib/provider/diagnostics';
import type { Incoming, MessageName, Outgoing } from '../../lib/provider/messages';
import type { Provider, Resource } from '../../lib/provider/resource';
import type { Attributes } from '../../lib/provider/schema';
import { providerRoutes } from '../../lib/provider/server';
import { UNKNOWN } from '../../lib/provider/unknown';
import { readObject, writeObject } from '../../lib/provider/values';

const attributes: Attributes = {
  name: { type: 'string', required: true, requiresReplace: true, description: '' },
  size: { type: 'number', optional: true, description: '' },
  id: { type: 'string', computed: true, description: '' },
  secret: { type: 'string', optional: true, writeOnly: true, description: '' },
};
interface Config {
  readonly name: string;
  readonly size?: number;
  readonly secret?: string;
}
interface Computed {
  readonly id: string;
}

const thing: Resource<Config, Computed> = {
  schema: { version: 2, description: 'A thing.', attributes },
  read: async (state) => state,
  create: async ({ planned }) => ({ id: `id of ${planned.name}` }),
  update: async ({ prior }) => ({ id: prior.id }),
  delete: async () => undefined,
};

/** Calls a method as Terraform does, over bytes. */
function serve(overrides: Partial<Resource<Config, Computed>> = {}, signal = new AbortController().signal) {
  const stop = jest.fn();
  const provider: Provider = { resources: { test_thing: { ...thing, ...overrides } } };
  const routes = providerRoutes(provider, signal, stop);
  type Method<M = MessageName> = M extends `${infer Name}Request` ? Name : never;
  const call = async <M extends Method>(method: M, request: Outgoing<`${M}Request`>) => {
    const route = routes.get(`/tfplugin6.Provider/${method}`);
    if (!route) throw new Error(`There is no ${method}`);
    const bytes = encodeMessage<`${M}Request`>(`${method}Request`, request);
    return decodeMessage<`${M}Response`>(`${method}Response`, await route(bytes));
  };
  return { call, stop, routes };
}

const typeName = 'test_thing';
const value = (object: object | undefined) => writeObject(withSecret, object);
const withSecret: Attributes = { ...attributes, secret: { type: 'string', optional: true, description: '' } };
const plain = (sent: Incoming<'DynamicValue'> | null) => readObject(withSecret, sent);
const summaries = ({ diagnostics }: { diagnostics: readonly (Incoming<'Diagnostic'> | null)[] }) =>
  diagnostics.map((diagnostic) => diagnostic?.summary);

describe('provider server', () => {
  test('names its resources and their schemas, and that the schema need not be asked for again', async () => {
    const { call } = serve();
    const metadata = await call('GetMetadata', {});
    expect(metadata.resources).toMatchObject([{ typeName }]);
    expect(metadata.serverCapabilities?.getProviderSchemaOptional).toBe(true);
    const { provider, resourceSchemas } = await call('GetProviderSchema', {});
    expect(provider?.block?.attributes).toEqual([]);
    expect(resourceSchemas.test_thing).toMatchObject({ version: 2, block: { description: 'A thing.' } });
  });

  test('accepts its empty configuration', async () => {
    const { call } = serve();
    await call('ValidateProviderConfig', {});
    expect(summaries(await call('ConfigureProvider', { terraformVersion: '1.11.4' }))).toEqual([]);
  });

  test('passes on StopProvider', async () => {
    const { call, stop } = serve();
    await call('StopProvider', {});
    expect(stop).toHaveBeenCalledTimes(1);
  });

  test('has no methods that are not in the protocol table, so that they are answered as not implemented', () => {
    const names = [...serve().routes.keys()].map((path) => path.replace('/tfplugin6.Provider/', ''));
    expect(names).not.toContain('ReadDataSource');
    expect(names).toContain('ApplyResourceChange');
  });

  test('reports all that validate finds, warnings too', async () => {
    const { call } = serve({
      validate(config, context) {
        expect(config).toEqual({ name: UNKNOWN, size: 3 });
        context.warn({ summary: 'Large' });
        context.error({ summary: 'Odd', detail: 'Take 4', path: ['size'] });
      },
    });
    const { diagnostics } = await call('ValidateResourceConfig', {
      typeName,
      config: value({ name: UNKNOWN, size: 3 }),
    });
    expect(diagnostics).toMatchObject([
      { severity: 2, summary: 'Large' },
      { severity: 1, summary: 'Odd', detail: 'Take 4', attribute: { steps: [{ attributeName: 'size' }] } },
    ]);
  });

  test('refuses write-only attributes that Terraform would keep', async () => {
    const { call } = serve();
    const config = value({ name: 'a', secret: 'x' });
    const capable = { writeOnlyAttributesAllowed: true };
    expect(summaries(await call('ValidateResourceConfig', { typeName, config }))).toEqual([
      'Cannot use "secret": write-only attributes need Terraform 1.11 or newer',
    ]);
    const allowed = await call('ValidateResourceConfig', { typeName, config, clientCapabilities: capable });
    expect(summaries(allowed)).toEqual([]);
  });

  test('turns whatever an operation throws into a diagnostic, and keeps the state', async () => {
    const fail = (thrown: unknown) => async () => {
      throw thrown;
    };
    const { call } = serve({
      read: fail(new TypeError('no read')),
      plan: fail(new DiagnosticError('no plan', { path: ['name'] })),
      create: fail('no create'),
      update: fail(null),
      delete: fail(new DiagnosticError('no delete')),
    });
    const state = value({ name: 'a', id: '1' });
    const read = await call('ReadResource', { typeName, currentState: state });
    expect(summaries(read)).toEqual(['Internal error of the provider: no read']);
    expect(plain(read.newState)).toEqual({ name: 'a', id: '1' });

    const plan = await call('PlanResourceChange', { typeName, proposedNewState: state, config: state });
    expect(plan.diagnostics).toMatchObject([{ summary: 'no plan', attribute: { steps: [{ attributeName: 'name' }] } }]);

    const create = await call('ApplyResourceChange', { typeName, priorState: value(undefined), plannedState: state });
    expect(summaries(create)).toEqual(['Internal error of the provider: no create']);
    expect(plain(create.newState)).toBeUndefined();

    const update = await call('ApplyResourceChange', { typeName, priorState: state, plannedState: state });
    expect(summaries(update)).toEqual(['Internal error of the provider: null']);
    expect(plain(update.newState)).toEqual({ name: 'a', id: '1' });

    const gone = await call('ApplyResourceChange', { typeName, priorState: state, plannedState: value(undefined) });
    expect(summaries(gone)).toEqual(['no delete']);
    expect(plain(gone.newState)).toEqual({ name: 'a', id: '1' });
  });

  test('says so when asked for a type that it does not have', async () => {
    const read = await serve().call('ReadResource', { typeName: 'toString', currentState: value({ name: 'a' }) });
    expect(summaries(read)).toEqual(['Cannot manage "toString": no such resource type']);
  });

  test('plans a creation without any hook: what is computed is unknown, what is write-only is gone', async () => {
    const config = value({ name: 'a', secret: 'x' });
    const request = { typeName, priorState: value(undefined), proposedNewState: config, config };
    const plan = await serve().call('PlanResourceChange', request);
    expect(plain(plan.plannedState)).toEqual({ name: 'a', id: UNKNOWN });
    expect(plan.requiresReplace).toEqual([]);
  });

  test('plans a deletion, and tells what the resource has to say of it', async () => {
    const warn = (state: { id: string }) => ({ summary: `${state.id} goes` });
    const { call } = serve({ planDelete: (state, context) => context.warn(warn(state)) });
    expect((await call('GetMetadata', {})).serverCapabilities?.planDestroy).toBe(true);
    const state = value({ name: 'a', id: '1' });
    const none = value(undefined);
    const request = { typeName, priorState: state, proposedNewState: none, config: none };
    for (const { plannedState, diagnostics } of [await call('PlanResourceChange', request)]) {
      expect(plain(plannedState)).toBeUndefined();
      expect(diagnostics).toMatchObject([{ summary: '1 goes' }]);
    }
    expect((await serve().call('PlanResourceChange', request)).diagnostics).toEqual([]);
  });

  test('does not take a write-only value for a change', async () => {
    const state = { name: 'a', id: '1' };
    const proposed = value({ ...state, secret: 'x' });
    const request = { typeName, priorState: value(state), proposedNewState: proposed, config: proposed };
    expect(plain((await serve().call('PlanResourceChange', request)).plannedState)).toEqual(state);
  });

  test('asks for a replacement where the schema or the plan says so', async () => {
    const { call } = serve({ plan: async ({ planned }) => ({ planned, requiresReplace: [['size']] }) });
    const request = (change: object) => ({
      typeName,
      priorState: value({ name: 'a', size: 1, id: '1' }),
      proposedNewState: value({ name: 'a', size: 1, id: '1', ...change }),
      config: value({ name: 'a', size: 1, ...change }),
    });
    const replaced = async (change: object) => {
      const { requiresReplace } = await call('PlanResourceChange', request(change));
      return requiresReplace.map((path) => path?.steps[0]?.attributeName);
    };
    expect(await replaced({ name: 'b' })).toEqual(['name']);
    expect(await replaced({ size: 2 })).toEqual(['size']);
    expect(await replaced({})).toEqual([]);
  });

  test('hands create the known part of the plan and the whole configuration', async () => {
    const create = jest.fn(thing.create);
    const request = {
      typeName,
      priorState: value(undefined),
      plannedState: value({ name: 'a', id: UNKNOWN }),
      config: value({ name: 'a', secret: 'x' }),
    };
    const { newState, diagnostics } = await serve({ create }).call('ApplyResourceChange', request);
    expect(create.mock.calls[0]?.[0]).toEqual({ config: { name: 'a', secret: 'x' }, planned: { name: 'a' } });
    expect(plain(newState)).toEqual({ name: 'a', id: 'id of a' });
    expect(diagnostics).toEqual([]);
  });

  test('keeps what a creation that reports an error has made', async () => {
    const { call } = serve({
      async create({ planned }, context) {
        context.error({ summary: 'Half of it' });
        return { id: planned.name };
      },
    });
    const request = { typeName, priorState: value(undefined), plannedState: value({ name: 'a', id: UNKNOWN }) };
    const { newState, diagnostics } = await call('ApplyResourceChange', request);
    expect(plain(newState)).toEqual({ name: 'a', id: 'a' });
    expect(summaries({ diagnostics })).toEqual(['Half of it']);
  });

  test('names the attribute when an operation returns what does not fit the schema', async () => {
    const { call } = serve({
      read: async (state) => ({ ...state, size: '3' as unknown as number, name: 4 as unknown as string }),
    });
    const read = await call('ReadResource', { typeName, currentState: value({ name: 'a' }) });
    expect(summaries(read)).toEqual([
      'Internal error of the provider: Cannot pass "name" to Terraform: is number, expected a string',
    ]);
  });

  test('carries private data from plan to apply to read, and keeps what is not replaced', async () => {
    const { call } = serve({
      async plan({ planned }, context) {
        context.private = { planned: true };
        return { planned };
      },
      async create({ planned }, context) {
        context.private = { ...(context.private as object), created: planned.name };
        return { id: '1' };
      },
    });
    const config = value({ name: 'a' });
    const plan = await call('PlanResourceChange', { typeName, proposedNewState: config, config });
    const created = await call('ApplyResourceChange', {
      typeName,
      plannedState: plan.plannedState,
      plannedPrivate: plan.plannedPrivate,
      config,
    });
    const kept = await call('ReadResource', { typeName, currentState: created.newState, private: created.private });
    expect(JSON.parse(Buffer.from(kept.private).toString())).toEqual({ planned: true, created: 'a' });
    const without = await call('ReadResource', { typeName, currentState: created.newState });
    expect(without.private).toHaveLength(0);
  });

  test('returns a state of the same version untouched, with numbers that JavaScript would round', async () => {
    const json = Buffer.from('{"name":"a","size":12345678901234567890,"gone":true}');
    const { upgradedState } = await serve().call('UpgradeResourceState', { typeName, version: 2, rawState: { json } });
    expect(Buffer.from(upgradedState?.json ?? []).toString()).toBe(json.toString());
  });

  test('upgrades an older state, and refuses one that nobody can', async () => {
    const rawState = { json: Buffer.from('{"title":"a","size":null}') };
    const upgrade = (version: number, { title }: Readonly<Record<string, unknown>>) => ({ name: `${title}${version}` });
    const upgraded = await serve({ upgrade }).call('UpgradeResourceState', { typeName, version: 1, rawState });
    expect(plain(upgraded.upgradedState)).toEqual({ name: 'a1' });
    const refused = async (version: number, overrides = {}) =>
      summaries(await serve(overrides).call('UpgradeResourceState', { typeName, version, rawState }));
    expect(await refused(1)).toEqual(['Cannot read test_thing from the state: it has version 1, expected 2']);
    expect(await refused(3, { upgrade })).toEqual([
      'Cannot read test_thing from the state: it has version 3, expected 2',
    ]);
  });

  test('imports what import finds, or says that the type has none', async () => {
    const found = await serve({ import: async (id) => ({ name: id }) }).call('ImportResourceState', {
      typeName,
      id: 'a',
    });
    expect(found.importedResources.map((resource) => plain(resource?.state ?? null))).toEqual([{ name: 'a' }]);
    const none = await serve().call('ImportResourceState', { typeName, id: 'a' });
    expect(none.importedResources).toEqual([]);
    expect(summaries(none)).toEqual(['Cannot import test_thing "a": it can\'t be imported']);
  });

  test("shows the abort's reason for an operation that ends by it", async () => {
    const abort = new AbortController();
    const { call } = serve(
      {
        async create(_change, { signal }) {
          abort.abort(new DiagnosticError('Interrupted'));
          signal.throwIfAborted();
          return { id: '' };
        },
      },
      abort.signal,
    );
    const created = await call('ApplyResourceChange', { typeName, plannedState: value({ name: 'a' }) });
    expect(summaries(created)).toEqual(['Interrupted']);
  });
});

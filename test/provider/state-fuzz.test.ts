import type { Manifest } from '../../lib/manifest';
import { toTerraform } from '../../lib/manifest/terraform';
import { decodeMessage, encodeMessage } from '../../lib/provider/codec';
import type { Resource } from '../../lib/provider/resource';
import { seenHost } from '../../lib/provider/seen-host';
import { providerRoutes } from '../../lib/provider/server';
import { liveProvider } from '../../lib/provider/service';
import { SERVICE_SCHEMA } from '../../lib/provider/service-schema';
import { writeObject } from '../../lib/provider/values';
import { hostWith, web } from '../engine/fixtures';
import fc from '../fast-check';

jest.setTimeout(60_000);

const { attributes } = SERVICE_SCHEMA;
const service = { ...liveProvider().service, schema: SERVICE_SCHEMA } as Resource;
const routes = providerRoutes(
  { resources: { bulkhead_service: service } },
  new AbortController().signal,
  () => undefined,
);

const manifest: Manifest = {
  ...web,
  objects: {
    'podman-volume:data': { unit: 'web.service', spec: { driver: 'local' } },
    'machine-root:/var/lib/machines/web': { spec: { image: 'a'.repeat(64) } },
    'user:shop': { spec: { home: '/home/shop' } },
  },
};
const state = { ...toTerraform({ host: { address: 'lab:nowhere' }, manifest }), drift: [], impact: [] };
const kept = { instance: 'x', seen: seenHost(hostWith([manifest]), manifest) };

/** What Terraform is told when it plans to destroy a service of this state, which asks no host. */
async function planToDestroy(prior: object, priorPrivate: Uint8Array): Promise<string[]> {
  const request = encodeMessage<'PlanResourceChangeRequest'>('PlanResourceChangeRequest', {
    typeName: 'bulkhead_service',
    priorState: writeObject(attributes, prior),
    proposedNewState: writeObject(attributes, undefined),
    config: writeObject(attributes, undefined),
    priorPrivate,
  });
  const answer = await routes.get('/tfplugin6.Provider/PlanResourceChange')?.(request);
  const { diagnostics } = decodeMessage<'PlanResourceChangeResponse'>(
    'PlanResourceChangeResponse',
    answer ?? new Uint8Array(),
  );
  return diagnostics.map((diagnostic) => diagnostic?.summary ?? '');
}

/** Terraform sees to the types of a state, and to nothing else: any text may stand for another. */
const text = fc.oneof(
  fc.constantFrom('', 'web', 'user:shop', 'podman-volume:', 'swap:x', '__proto__', '/etc/x', 'true', '\0', '../x'),
  fc.string({ maxLength: 20 }),
);
const change = fc.record({ at: fc.nat(), by: text, key: fc.boolean() });

/** Puts other texts in the place of some keys and values, all of which are texts in a state. */
function changed(value: unknown, changes: readonly { at: number; by: string; key: boolean }[]): unknown {
  let index = 0;
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node === 'object' && node !== null) {
      return Object.fromEntries(
        Object.entries(node).map(([key, inner]) => {
          const number = index++;
          const isMap = changes.find(({ at, key: isKey }) => isKey && at % 80 === number && /[:/.]/.test(key));
          return [isMap?.by ?? key, walk(inner)];
        }),
      );
    }
    const number = index++;
    const other = changes.find(({ at, key }) => !key && at % 80 === number);
    return other && typeof node === 'string' ? other.by : node;
  };
  return walk(value);
}

/** JSON in which some values are others. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 1 })), { maxLength: 4 }).map((changes) => {
    let index = 0;
    const count = JSON.stringify(kept).length / 8;
    return JSON.parse(JSON.stringify(kept), (_key, value) => {
      const number = index++;
      const other = changes.find(([at]) => at % Math.floor(count) === number);
      return other ? other[1] : value;
    });
  }),
);

test('the state and what is kept beside it, as they were written, are read', async () => {
  expect(await planToDestroy(state, Buffer.from(JSON.stringify(kept)))).toEqual([
    'Destroying web loses data on lab:nowhere (at shop/host/web)',
  ]);
});

test('a state that somebody changed ends in a plan or in an error that says so', async () => {
  const property = fc.asyncProperty(fc.array(change, { maxLength: 4 }), anything, async (changes, beside) => {
    const said = await planToDestroy(changed(state, changes) as object, Buffer.from(JSON.stringify(beside)));
    expect(said.filter((summary) => summary.startsWith('Internal error'))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 500 });
});

test('what is kept beside a state need not even be JSON', async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    const said = await planToDestroy(state, bytes);
    expect(said.filter((summary) => summary.startsWith('Internal error'))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 200 });
});

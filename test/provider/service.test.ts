import type { Manifest } from '../../lib/manifest';
import { toTerraform } from '../../lib/manifest/terraform';
import type { Diagnostic } from '../../lib/provider/diagnostics';
import type { Context } from '../../lib/provider/resource';
import { liveProvider } from '../../lib/provider/service';
import { UNKNOWN } from '../../lib/provider/unknown';
import { web } from '../engine/fixtures';

const UNIT = '/etc/systemd/system/web.service';

interface Machine {
  name?: string | typeof UNKNOWN;
  address?: string;
  path?: string;
  retain?: boolean;
}

/** A machine whose root is made from an image. */
function machine({ name = 'web', address = 'lab:a', path = web.path, retain }: Machine) {
  const root = { spec: { image: 'a'.repeat(64) } };
  const objects = {
    [`machine-root:/var/lib/machines/${String(name)}`]: { ...root, ...(retain === undefined ? {} : { retain }) },
  };
  return { ...toTerraform({ host: { address }, manifest: { ...web, path, objects } as Manifest }), name };
}

const state = (at: Machine) => ({ ...machine(at), drift: [], impact: [] });

/** Plans that no host is asked for, since a value is still unknown. */
function provider() {
  const resource = liveProvider().service;
  return async (prior: Machine | undefined, next: Machine | undefined) => {
    const [errors, warnings]: [Diagnostic[], Diagnostic[]] = [[], []];
    const context: Context = {
      signal: new AbortController().signal,
      private: undefined,
      error: (error) => errors.push(error),
      warn: (warning) => warnings.push(warning),
    };
    if (next) {
      const files = { [UNIT]: { ...web.files[UNIT], content: UNKNOWN } };
      const change = { config: { ...machine(next), files }, prior: prior && state(prior), planned: {} };
      await resource.plan(change as never, context);
    } else if (prior) await resource.planDelete(state(prior), context);
    return { errors, warnings };
  };
}

test.each<[string, Machine, Machine]>([
  ['another name', {}, { name: 'site' }],
  ['a name that is not known yet', {}, { name: UNKNOWN }],
  ['another host', {}, { address: 'lab:b' }],
  ['another name, and is retained from then on', {}, { name: 'site', retain: true }],
  ['another name, and is to be retained only now', { retain: false }, { name: 'site', retain: true }],
])('a plan is refused in which a machine loses its root because it gets %s', async (_, before, after) => {
  const { errors, warnings } = await provider()(before, after);
  expect(warnings).toEqual([]);
  expect(errors).toEqual([
    {
      summary:
        'Cannot replace web on lab:a: machine-root:/var/lib/machines/web would be removed with all that was written into it (at shop/host/web)',
      detail:
        "keep its name (web) and host; to lose the root, set `removalPolicy: 'destroy'`; to keep it there, first apply `removalPolicy: 'retain'` with nothing else changed",
      path: ['name'],
    },
  ]);
});

test.each<[string, Machine, Machine]>([
  ['loses it, as is said now', {}, { name: 'site', retain: false }],
  ['loses it, as was said before', { retain: false }, { name: 'site', retain: false }],
])('a machine that is replaced %s, with a warning', async (_, before, after) => {
  const { errors, warnings } = await provider()(before, after);
  expect(errors).toEqual([]);
  expect(warnings).toMatchObject([{ summary: 'Replacing web loses data on lab:a (at shop/host/web)' }]);
});

test.each<[string, Machine, Machine]>([
  ['is replaced, which leaves a root that is retained', { retain: true }, { name: 'site' }],
  ['stays where it is', {}, {}],
])('nothing is said of a machine that %s', async (_, before, after) => {
  expect(await provider()(before, after)).toEqual({ errors: [], warnings: [] });
});

test('a plan to create what was there a moment ago is one to replace it', async () => {
  const plan = provider();
  expect((await plan(undefined, {})).errors).toEqual([]);
  expect((await plan({}, {})).errors).toEqual([]);
  expect((await plan(undefined, {})).errors).toMatchObject([{ summary: expect.stringMatching(/^Cannot replace web/) }]);
  expect((await plan(undefined, { retain: false })).errors).toEqual([]);
});

test.each([
  ['first', 0],
  ['last', 1],
])(
  'a machine that another construct is to make is not destroyed before, whose plan Terraform asks for %s',
  async (_, asked) => {
    const plan = provider();
    const plans = [() => plan({}, undefined), () => plan(undefined, { path: 'shop/host/site' })];
    const [, second] = [await plans[asked]?.(), await plans[1 - asked]?.()];
    expect(second).toMatchObject({
      errors: [
        { summary: expect.stringMatching(/^Cannot replace web/), detail: expect.stringContaining('`moved` block') },
      ],
      warnings: [],
    });
  },
);

test('a machine that is destroyed loses its root, with a warning', async () => {
  const { errors, warnings } = await provider()({}, undefined);
  expect(errors).toEqual([]);
  expect(warnings).toMatchObject([{ summary: 'Destroying web loses data on lab:a (at shop/host/web)' }]);
});

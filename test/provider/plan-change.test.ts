import { type HostState, planService } from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { SECRET_VALUES, toTerraform } from '../../lib/manifest/terraform';
import type { Diagnostic } from '../../lib/provider/diagnostics';
import { planChange } from '../../lib/provider/plan-change';
import type { Context } from '../../lib/provider/resource';
import { hostAsSeen } from '../../lib/provider/seen-host';
import { UNKNOWN } from '../../lib/provider/unknown';
import { hostWith, UNIT, web } from '../engine/fixtures';

const KEY = 'secret:web/db';
const host = { address: 'lab:a' };
const manifest: Manifest = {
  ...web,
  objects: { [KEY]: { spec: { source: 'value', owner: '0:0', mode: '0400' } } },
  units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, KEY] } },
};
const attributes = toTerraform({ host, manifest });
const state = { ...attributes, drift: [], impact: [] };
const there = (more: object) =>
  hostWith([manifest], ({ objects }) =>
    objects.set(KEY, { owner: '0:0', mode: '0400', intact: true, encrypted: false, ...more }),
  );

/** Plans a service whose configuration is as it was, but for the values of its secrets. */
async function plan(now: HostState, values: unknown = { db: 'hunter2' }, prior: object = state) {
  const [errors, warnings]: [Diagnostic[], Diagnostic[]] = [[], []];
  const context: Context = {
    signal: new AbortController().signal,
    private: undefined,
    warn: (warning) => warnings.push(warning),
    error: (error) => errors.push(error),
  };
  const service = { host, manifest };
  const existing = { service, seen: () => hostAsSeen(manifest, undefined) };
  const subject = { service, existing, failures: new Set(), look: async () => now };
  const change = { config: { ...attributes, [SECRET_VALUES]: values }, prior, planned: state };
  return { ...(await planChange(change as never, subject, context)), errors, warnings };
}

test('a value that the host has already changes nothing', async () => {
  expect(await plan(there({ same: true }))).toEqual({ planned: state, errors: [], warnings: [] });
});

test('another value is a change, which says what restarts and not the value', async () => {
  const impact = [`restart web.service: ${KEY} has another value`];
  const { planned, errors } = await plan(there({ same: false }));
  expect({ planned, errors }).toEqual({ planned: { ...state, impact }, errors: [] });
  expect(JSON.stringify(planned)).not.toContain('hunter2');
});

test('a value that is not known yet may be another one', async () => {
  expect(await plan(there({ same: true }), { db: UNKNOWN })).toEqual({
    planned: { ...state, impact: UNKNOWN },
    errors: [],
    warnings: [],
  });
});

test('one that can not be read is an error where something changes, and a warning where nothing does', async () => {
  const unread = new Map([[KEY, { problem: 'the environment variable DB is not set', advice: 'set it' }]]);
  const host = { ...there({}), unread };
  const diagnostic = {
    summary: 'Cannot write secret web/db on lab:a: the environment variable DB is not set (at shop/host/web)',
    detail: 'set it',
    path: ['objects', KEY],
  };
  expect(await plan(host, {})).toEqual({ planned: state, errors: [], warnings: [diagnostic] });
  const before = { ...state, runtime: 'podman' };
  expect(await plan(host, {}, before)).toMatchObject({ errors: [diagnostic], warnings: [] });
});

test('what the host was like is compared with what it is only for secrets', async () => {
  const stopped = hostWith([manifest], ({ units, objects }) => {
    units.delete('web.service');
    objects.set(KEY, { owner: '0:0', mode: '0400', intact: true, encrypted: false, same: true });
  });
  expect(planService(stopped, manifest).steps).not.toEqual([]);
  expect((await plan(stopped)).planned).toEqual(state);
});

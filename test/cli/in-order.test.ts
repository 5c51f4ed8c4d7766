import type { Goal, HostPlan, Target } from '../../lib/cli/host-plan';
import { inOrder } from '../../lib/cli/in-order';
import type { ServicePlan } from '../../lib/engine';
import { hostState, manifest, recorded, servicePlan, target } from './fixtures';

const STEP = { verb: 'start', kind: 'units', key: 'x.service', reason: 'is new' } as const;
const AT = 'ssh://root@192.0.2.10';

/** A service that changes, after other services of its host. */
const changing = (name: string, ...after: readonly string[]): ServicePlan =>
  servicePlan(name, { steps: [STEP], desired: manifest(name, { after }) });

const plan = (stack: string, ...dependencies: readonly string[]): HostPlan => ({
  target: target({ stack, dependencies }),
  state: hostState(),
  services: [changing(stack)],
});

/** A host of a stack. */
const host = (services: readonly ServicePlan[], more: Partial<Target> = {}): HostPlan => ({
  target: target(more),
  state: hostState({ records: recorded(...services.map(({ name, desired }) => desired ?? manifest(name))) }),
  services,
});

/** What begins and ends when, where every change takes two turns, and `bad` fails. With the errors. */
async function course(goal: Goal, ...plans: readonly HostPlan[]): Promise<{ done: string[]; errors: string[] }> {
  const done: string[] = [];
  const outcomes = await inOrder(plans, goal, async (_, services) => {
    const names = services.map(({ name }) => name).join(' ');
    done.push(`begin ${names}`);
    await Promise.resolve();
    done.push(`end ${names}`);
    return new Map(services.some(({ name }) => name === 'bad') ? [['bad', { message: 'is bad' }]] : []);
  });
  return { done, errors: outcomes.flatMap(({ error }) => error?.message ?? []) };
}

const one = (...names: readonly string[]) => names.flatMap((name) => [`begin ${name}`, `end ${name}`]);

describe('stacks', () => {
  test('that know nothing of each other are applied at once', async () => {
    const { done } = await course('as in the bundle', plan('a'), plan('b'));
    expect(done).toEqual(['begin a', 'begin b', 'end a', 'end b']);
  });

  test('are applied after those that they depend on, and removed before them', async () => {
    const plans = [plan('shop', 'base', 'elsewhere'), plan('base')];
    expect((await course('as in the bundle', ...plans)).done).toEqual(one('base', 'shop'));
    expect((await course('removed', ...plans)).done).toEqual(one('shop', 'base'));
  });

  test('on one host are applied in turn, as they are named, also after one that fails', async () => {
    const { transport } = target();
    const on = (plan: HostPlan): HostPlan => ({ ...plan, target: { ...plan.target, transport } });
    const plans = [on(plan('bad')), plan('elsewhere'), on(plan('b')), on(plan('c'))];
    const { done, errors } = await course('as in the bundle', ...plans);
    expect(done).toEqual([...['begin bad', 'begin elsewhere', 'end bad', 'end elsewhere'], ...one('b', 'c')]);
    expect(errors).toEqual(['is bad']);
  });

  test('stay as they are if one that they depend on fails, also through one that has no changes', async () => {
    const unchanged = { ...plan('between', 'bad'), services: [] };
    const { done, errors } = await course(
      'as in the bundle',
      plan('shop', 'between'),
      unchanged,
      plan('bad'),
      plan('x'),
    );
    expect(done.sort()).toEqual(one('bad', 'x').sort());
    expect(errors).toEqual([
      `Cannot apply shop on ${AT}: bad on ${AT}, which it depends on, failed; shop stays as it was (at shop/host/shop)`,
      'is bad',
    ]);
  });
});

describe('services of several hosts', () => {
  const depend = (pairs: Readonly<Record<string, string>>): Partial<Target> => ({
    serviceDependencies: Object.fromEntries(
      Object.entries(pairs).map(([name, other]) => [`shop/host/${name}`, [`shop/host/${other}`]]),
    ),
  });

  test('are applied after what they depend on, and removed before it, with everything else at once', async () => {
    const more = depend({ web: 'db' });
    const plans = [host([changing('web'), changing('cache')], more), host([changing('db')], more)];
    expect((await course('as in the bundle', ...plans)).done).toEqual([
      ...['begin cache', 'begin db', 'end cache', 'end db'],
      ...one('web'),
    ]);
    expect((await course('removed', ...plans)).done).toEqual([...one('web cache'), ...one('db')]);
  });

  test('go to and fro between hosts, with what depends on them', async () => {
    const more = depend({ b: 'a', c: 'b' });
    const plans = [host([changing('a'), changing('c'), changing('d', 'c')], more), host([changing('b')], more)];
    expect((await course('as in the bundle', ...plans)).done).toEqual(one('a', 'b', 'c d'));
  });

  test('wait for what changes before a service that does not', async () => {
    const more = depend({ web: 'db' });
    const db = servicePlan('db', { desired: manifest('db', { after: ['disk'] }) });
    const plans = [host([changing('web')], more), host([db, changing('disk')], more)];
    expect((await course('as in the bundle', ...plans)).done).toEqual(one('disk', 'web'));
    expect((await course('as in the bundle', host([changing('web')], more), host([db], more))).done).toEqual(
      one('web'),
    );
  });

  test('stay as they were if what they depend on fails, and nothing else does', async () => {
    const more = depend({ web: 'bad' });
    const plans = [
      host([changing('web'), changing('front', 'web'), changing('cache')], more),
      host([changing('bad')], more),
    ];
    const { done, errors } = await course('as in the bundle', ...plans);
    expect(done).toEqual(['begin cache', 'begin bad', 'end cache', 'end bad']);
    expect(errors.sort()).toEqual([
      `Cannot apply front on ${AT}: bad on ${AT}, which it depends on, failed; front stays as it was (at shop/host/front)`,
      `Cannot apply web on ${AT}: bad on ${AT}, which it depends on, failed; web stays as it was (at shop/host/web)`,
      'is bad',
    ]);
  });

  test('stay as they were if the host of what they depend on could not be planned', async () => {
    const more = depend({ web: 'db' });
    const dead: HostPlan = {
      target: target({ ...more, manifests: [manifest('db')] }),
      error: { message: 'no answer' },
    };
    const { done, errors } = await course('as in the bundle', host([changing('web'), changing('cache')], more), dead);
    expect(done).toEqual(one('cache'));
    expect(errors).toEqual([
      `Cannot apply web on ${AT}: db on ${AT}, which it depends on, could not be planned; web stays as it was (at shop/host/web)`,
    ]);
  });

  test('leave their host in its last turn, and go back at once', async () => {
    const more = depend({ web: 'db' });
    const leaving = servicePlan('old', { action: 'destroy', steps: [STEP], desired: undefined });
    const plans = [host([leaving, changing('web')], more), host([changing('db')], more)];
    expect((await course('as in the bundle', ...plans)).done).toEqual(one('db', 'old web'));
    expect((await course('as before', host([changing('web')], more), host([changing('db')], more))).done).toEqual([
      ...['begin web', 'begin db', 'end web', 'end db'],
    ]);
  });
});

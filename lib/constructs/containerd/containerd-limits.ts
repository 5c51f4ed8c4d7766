import type { OciResources } from '../../directives/index';
import { fail } from '../problem';
import type { DirectiveSet } from '../props/directive-set';
import { limitsOf, type Outside } from '../props/outside-limits';

const PERIOD_USEC = 100_000;

const OUTSIDE: Outside = {
  runs: 'only ctr, and containerd runs the container outside the unit',
  instead: 'directives.process or directives.linux',
  says: 'config.json of a container',
};

/**
 * The limits of a service as `linux.resources`, merged with the values that the user wrote there by hand.
 * @throws Error for a limit that config.json does not support, and for a limit that would not apply to the container
 */
export function resourcesOf(set: DirectiveSet, at: string): OciResources {
  const { memory, cpu, tasks } = limitsOf(set, OUTSIDE, at);
  const byHand = (set.get('linux', 'resources') ?? {}) as OciResources;
  const limits: OciResources = {
    ...(memory === undefined ? {} : { memory: { ...byHand.memory, limit: memory } }),
    ...(cpu === undefined ? {} : { cpu: { ...byHand.cpu, quota: Math.round(cpu * PERIOD_USEC), period: PERIOD_USEC } }),
    ...(tasks === undefined ? {} : { pids: { limit: tasks } }),
  };
  const twice = (['memory.limit', 'cpu.quota', 'pids.limit'] as const).find((path) => {
    const [part, key] = path.split('.') as ['memory', 'limit'];
    return limits[part] !== undefined && byHand[part]?.[key] !== undefined;
  });
  if (twice !== undefined)
    fail({
      action: 'limit',
      value: twice,
      problem: 'a limit of the service also sets it',
      expected: 'one of the two',
      at: `${at}.directives.linux.resources`,
    });
  return { devices: [{ allow: false, access: 'rwm' }], ...byHand, ...limits };
}

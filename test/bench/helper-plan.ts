import type { Fleet } from './fleet';
import { interleave, type Measurement, repeat } from './measure';

/** `bulkhead plan` of so many services that run as they should, and what it takes to connect and run nothing. */
export async function helperPlan(fleet: Fleet, count: number, rounds: number): Promise<Measurement> {
  await fleet.resize(count);
  const stack = fleet.stack(count);
  return interleave(
    rounds,
    () => fleet.plan(stack),
    () => fleet.ssh(['true']),
  );
}

/** How the time of `bulkhead plan` grows when the number of services doubles: `ours` is twice as many as `floor`. */
export async function helperPlanGrowth(fleet: Fleet, count: number, rounds: number): Promise<Measurement> {
  const measure = async (number: number) => {
    await fleet.resize(number);
    return repeat(rounds, () => fleet.plan(fleet.stack(number)));
  };
  const floor = await measure(count / 2);
  return { floor, ours: await measure(count) };
}

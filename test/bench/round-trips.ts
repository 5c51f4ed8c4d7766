import { join } from 'node:path';
import type { Fleet } from './fleet';
import { interleave, type Measurement, type Sample } from './measure';

const LINK = join(__dirname, 'slow-link.cjs');
/** How long a packet takes to go to the host and an answer to come back. */
const ROUND_TRIP_MS = 500;
const SERVICES = 14;
const ROUNDS = 5;

/** Runs something over a link with the options of ssh that make it. */
type OverLink = (sshOptions: readonly string[]) => Promise<Sample>;

/** Round trips of `bulkhead plan` of services that run as they should, and those that ssh takes to run nothing. */
export async function planRoundTrips(fleet: Fleet): Promise<Measurement> {
  await fleet.resize(SERVICES);
  return roundTrips(fleet, (sshOptions) => fleet.plan(fleet.stack(SERVICES, { sshOptions })));
}

/** Round trips of `bulkhead apply` after one of the services has changed, and those that ssh takes to run nothing. */
export async function applyRoundTrips(fleet: Fleet): Promise<Measurement> {
  await fleet.resize(SERVICES);
  let setting = 0;
  const measurement = await roundTrips(fleet, (sshOptions) => {
    setting = 1 - setting;
    return fleet.apply(fleet.stack(SERVICES, { setting: String(setting), sshOptions }));
  });
  await fleet.apply(fleet.stack(SERVICES));
  return measurement;
}

async function roundTrips(fleet: Fleet, work: OverLink): Promise<Measurement> {
  return {
    ours: { amount: await countOf(work) },
    floor: { amount: await countOf((sshOptions) => fleet.ssh(['true'], {}, sshOptions)) },
  };
}

/** What the delay of a link makes longer, in round trips. */
async function countOf(work: OverLink): Promise<number> {
  const over = (delayMs: number) => () => work([`ProxyCommand=${process.execPath} ${LINK} %h %p ${delayMs}`]);
  const { ours: slow, floor: fast } = await interleave(ROUNDS, over(ROUND_TRIP_MS / 2), over(0));
  return ((slow.amount - fast.amount) * 1000) / ROUND_TRIP_MS;
}

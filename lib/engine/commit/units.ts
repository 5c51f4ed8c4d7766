import { RELOAD_SCRIPT, reloadError } from '../failure/reload-error';
import { isNetworkdFile } from '../paths';
import type { Command } from '../sequence';
import type { HostState } from '../state';
import type { ServicePlan } from '../step';
import { manager, reloadCommand, systemctlCommand } from '../units';
import { RELOAD_NETWORKD } from './networkd';
import { keysOf, type Part, pending, stepsOf, tell, type Work } from './work';

/** Starts the systemd of users whose systemd was stopped. It runs without a login. */
export async function startManagers(work: Work): Promise<void> {
  const users = new Set(pending(work).flatMap(({ user }) => user ?? []));
  const stopped = [...users].filter((user) => work.before.users.get(user)?.running === false);
  // A failure shows in the commands that follow.
  if (stopped.length > 0) await work.transport.run(['sh', '-c', START_SCRIPT, 'sh', ...stopped]);
}

const START_SCRIPT = `
for user; do
  uid=$(id -u "$user") && systemctl start "user@$uid.service"
done
`;

export const stop: Part = (work, user, plans) => {
  for (const { plan, step } of stepsOf(work, 'stop', plans)) tell(work, plan, step);
  const units = keysOf(work, 'stop', plans);
  // In one command, systemd might stop a service before the timer that then starts it again.
  const triggers = units.filter((name) => /\.(?:timer|path|socket)$/.test(name));
  const others = units.filter((name) => !triggers.includes(name));
  return [triggers, others].flatMap((some) => (some.length > 0 ? [systemctlCommand('stop', some, { user })] : []));
};

export const disable: Part = (work, user, plans) => enablement(work, 'disable', 'disable', user, plans);

// reenable also removes links that an earlier version of the unit had.
export const enable: Part = (work, user, plans) => enablement(work, 'enable', 'reenable', user, plans);

/** Units of users need no enablement: generators create all of them. */
function enablement(
  work: Work,
  phase: 'enable' | 'disable',
  verb: string,
  user: string | undefined,
  plans: readonly ServicePlan[],
): Command[] {
  const units = user === undefined ? keysOf(work, phase, plans) : [];
  return units.length > 0 ? [systemctlCommand(phase, units, { args: [verb, '--quiet', '--no-reload'] })] : [];
}

/**
 * Lets systemd read its files again, even if the files match already, since systemd may not have read them yet. Then
 * reloads units.
 */
export const reload: Part = (work, user, plans) => {
  const { before } = work;
  // networkd belongs to the system, and root writes its files.
  const networkd = user === undefined && plans.some((plan) => hasNetworkdFiles(plan, before));
  return [
    ...(plans.some((plan) => hasUnits(plan, before)) ? [reloadCommand(user)] : []),
    ...(networkd ? [RELOAD_NETWORKD] : []),
    ...plans.flatMap((plan) => reloadUnits(work, plan)),
  ];
};

// A unit that fails to reload fails only its own service.
function reloadUnits(work: Work, plan: ServicePlan): Command[] {
  const units = keysOf(work, 'reload', [plan]);
  if (units.length === 0) return [];
  for (const { step } of stepsOf(work, 'reload', [plan])) tell(work, plan, step);
  const purpose = { service: plan.path, action: `reload ${units.join(', ')}` };
  return [
    {
      argv: ['sh', '-c', RELOAD_SCRIPT, 'sh', manager(plan.user).join(), ...units],
      user: plan.user,
      purpose,
      mayFail: true,
      ended: (result) => {
        if (result.exitCode === 0) return;
        work.errors.set(plan.name, reloadError({ host: work.transport.address, ...purpose }, result));
      },
    },
  ];
}

function hasUnits({ name, desired }: ServicePlan, before: HostState): boolean {
  return Object.keys(desired?.units ?? {}).length > 0 || (before.records.get(name)?.owns.units.length ?? 0) > 0;
}

function hasNetworkdFiles({ name, desired }: ServicePlan, before: HostState): boolean {
  return [...Object.keys(desired?.files ?? {}), ...(before.records.get(name)?.owns.files ?? [])].some(isNetworkdFile);
}

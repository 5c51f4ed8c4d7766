import type { UserPart } from '../../manifest';
import type { ActualUser, ServiceRecord } from '../state';
import type { Obstacle, Step } from '../step';

/** Plans one user: that there is one, and that it can run services without being logged in. */
export function planUser(name: string, actual: ActualUser | undefined): Step[] {
  const reason = difference(actual);
  return reason ? [{ verb: 'prepare', kind: 'users', key: name, reason }] : [];
}

function difference(actual: ActualUser | undefined): string | undefined {
  if (!actual) return 'is missing';
  if (!actual.subordinateIds) return 'has no subordinate IDs';
  if (!actual.linger) return 'does not linger: its services would not start at boot';
  if (!actual.running) return 'has no systemd running';
  return undefined;
}

/** What stands in the way: a user of that name that is not ours, or not as it is wanted. */
export function userObstacle(
  name: string,
  actual: ActualUser | undefined,
  desired: UserPart,
  record: ServiceRecord | undefined,
  adopt: boolean,
): Obstacle[] {
  if (!actual) return [];
  const about = { at: ['users', name], action: `make user ${name}` };
  if (!adopt && !record?.manifest.users[name])
    return [
      {
        ...about,
        problem: 'a user of that name is there that Bulkhead did not make',
        advice: 'set `adopt: true` on it to let it run services, or give it another name',
      },
    ];
  if (actual.home !== desired.home)
    return [{ ...about, problem: `its home is ${actual.home}, expected ${desired.home}`, advice: 'set its `home`' }];
  if (actual.group !== name)
    return [{ ...about, problem: `its group is ${actual.group}, expected one of its own, ${name}` }];
  return [];
}

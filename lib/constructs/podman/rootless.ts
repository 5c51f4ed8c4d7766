import { fail } from '../problem';
import type { Account } from '../props/account';
import type { Service } from '../service/service';
import type { User } from '../user/user';

/** For what podman runs. */
export interface RootlessProps {
  /**
   * User that it runs as, without root: in the systemd of that user from boot on, with the images, networks and volumes
   * of that user alone. What it uses must have the same user. Its `dependsOn` holds at boot only for services of the same
   * user. Ports below 1024 are refused by most hosts. Needs control groups v2, or on a host without them no limits and
   * CgroupsMode=disabled by `directives`.
   * @default - root
   */
  readonly rootless?: User;
}

/**
 * Checks that something and what it uses are of the same user, or both of none.
 * @throws Error
 */
export function checkSameUser(used: Service, service: Service, at: string): void {
  if (used.rootless === service.rootless) return;
  fail({
    action: 'use',
    value: used.node.path,
    problem: `is of ${nameOf(used.rootless)}`,
    expected: `one of ${nameOf(service.rootless)}, since each user has a podman of its own`,
    at,
  });
}

const nameOf = (user: Account | undefined) => (user ? `the user ${user.node.path}` : 'root');

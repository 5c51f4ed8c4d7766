import { fail } from '../problem';
import type { Account } from '../props/account';
import type { Service } from '../service/service';
import type { User } from '../user/user';

/** Props of everything that podman runs. */
export interface RootlessProps {
  /**
   * The {@link User} that podman runs as, without root. The user's own systemd instance runs the service from boot on,
   * with the images, networks and volumes of that user only. Everything that the service uses must have the same user.
   * At boot, `dependsOn` works only for services of the same user. Most hosts refuse ports below 1024. The host needs
   * control groups v2. Without them, set no limits, and set CgroupsMode=disabled in `directives`.
   * @default - root
   */
  readonly rootless?: User;
}

/**
 * Checks that a service and something that it uses have the same rootless user, or both run as root.
 * @throws Error
 */
export function checkSameUser(used: Service, service: Service, at: string): void {
  if (used.rootless === service.rootless) return;
  fail({
    action: 'use',
    value: used.node.path,
    problem: `belongs to ${nameOf(used.rootless)}`,
    expected: `a construct that belongs to ${nameOf(service.rootless)}, since each user has their own podman`,
    at,
  });
}

const nameOf = (user: Account | undefined) => (user ? `the user ${user.node.path}` : 'root');

import { fail } from './problem';
import type { Service } from './service';
import type { User } from './user';

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

/** Directory that podman takes Quadlet files from. */
export function quadletDirectory(user: User | undefined): string {
  return user ? `${user.home}/.config/containers/systemd` : '/etc/containers/systemd';
}

/** Unit that starts what is to run from boot on. */
export function bootTarget(user: User | undefined): string {
  return user ? 'default.target' : 'multi-user.target';
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

const nameOf = (user: User | undefined) => (user ? `the user ${user.node.path}` : 'root');

import type { Construct } from 'constructs';
import { objectKey, USER_NAME } from '../../manifest/index';
import { fail } from '../problem';
import type { Account } from '../props/account';
import type { KnownProps } from '../props/known-props';
import { type Ordering, type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';

export interface UserProps extends ManagedProps {
  /**
   * Name of the user: at most 32 of the letters a-z, digits, `_` and `-`, beginning with a letter or `_`.
   * @default - the construct ids below the host, joined by `-`
   */
  readonly name?: string;
  /**
   * Lets a user that already exists on the host run services. Without it, an existing user is refused. An adopted user
   * is never removed.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * Absolute path of the home directory, which holds the user's images and volumes. For a new user, the directory must
   * not exist yet.
   * @default - /home/NAME
   */
  readonly home?: string;
}

const PROPS: KnownProps<UserProps> = { ...MANAGED_PROPS, home: true };

const NEEDED = { why: 'for the user' };

/**
 * A system user that runs containers without root: the `rootless` of a {@link PodmanService} and others. The user gets
 * a range of 65536 subordinate user and group IDs. No other user of the host and no {@link NspawnMachine} has these
 * IDs. The user's own systemd instance runs from boot on, without a login. When the user leaves the stack, the user,
 * its home directory and its processes are removed, unless services or volumes of the user are left.
 *
 * On the host: the user and its home directory; /etc/systemd/system/NAME-user.target, since the user's services wait
 * until the host is online; and /etc/systemd/user/NAME-podman.service, which starts before them.
 * @see useradd(8), subuid(5), loginctl(1)
 */
export class User extends Service implements Account {
  /** Name of the unit that is active once the user can run services: `NAME-user.target`. */
  readonly unitName: string;
  /** @internal Unit of the user's systemd that starts before the user's services. */
  readonly podmanUnit: string;
  /** Absolute path of the home directory. */
  readonly home: string;

  constructor(scope: Construct, id: string, props: UserProps = {}) {
    super(scope, id, 'user', props, PROPS);
    this.unitName = `${checkName(this.serviceName, this.node.path)}-user.target`;
    this.podmanUnit = `${this.serviceName}-podman.service`;
    this.home = checkHome(props.home ?? `/home/${this.serviceName}`, this.node.path);
    this.complete();
  }

  protected override parts({ After, Wants }: Ordering): Parts {
    const path = `/etc/systemd/system/${this.unitName}`;
    const unit = {
      Description: `User ${this.serviceName}`,
      After,
      // Quadlet orders its services after this target. Without Wants=, nothing on the host might ever start the target.
      Wants: ['network-online.target', ...Wants],
    };
    const target = { Unit: unit, Install: { WantedBy: 'multi-user.target' } };
    // This process holds the user's namespace. Without this unit, it would be part of the first service and be killed
    // with it.
    const podman = {
      Unit: { Description: `Podman of ${this.serviceName}`, ConditionUser: this.serviceName },
      Service: { Type: 'oneshot', RemainAfterExit: true, ExecStart: ['/usr/bin/podman', 'ps', '--quiet'] },
    };
    return {
      natives: {
        [path]: { format: 'unit', sections: target },
        [`/etc/systemd/user/${this.podmanUnit}`]: { format: 'unit', sections: podman },
      },
      requires: { useradd: NEEDED, newuidmap: NEEDED, loginctl: NEEDED },
      units: { [this.unitName]: { state: 'active', enabled: true, restartOn: [path] } },
      objects: { [objectKey('user', this.serviceName)]: { spec: { home: this.home } } },
    };
  }
}

/** Checks a `rootless` prop. @throws Error for a value that is not a User of the service's host */
export function checkUser(user: User | undefined, service: Service): User | undefined {
  if (user === undefined) return undefined;
  const at = `${service.node.path}.rootless`;
  if (!(user instanceof User))
    return fail({
      action: 'run as',
      value: user,
      problem: 'is not a User',
      expected: "a User such as new User(host, 'shop')",
      at,
    });
  if (user.host.address === service.host.address) return user;
  const problem = `is on ${user.host.node.path}`;
  return fail({
    action: 'run as',
    value: user.node.path,
    problem,
    expected: `a User on ${service.host.node.path}`,
    at,
  });
}

function checkName(name: string, at: string): string {
  if (USER_NAME.test(name)) return name;
  const expected =
    'at most 32 of a-z, 0-9, "_" and "-", beginning with a letter or "_"; the name prop sets another name';
  return fail({ action: 'create user', value: name, problem: 'is not a user name', expected, at });
}

function checkHome(home: string, at: string): string {
  const isPath = typeof home === 'string' && /^(?:\/[A-Za-z0-9_.-]+){2,}$/.test(home) && !/\/\.\.?(?:\/|$)/.test(home);
  if (isPath) return home;
  return fail({
    action: 'use as home',
    value: home,
    problem: "can't be a home directory",
    expected: 'an absolute path such as /home/shop, of letters, digits, "_", "." and "-", known at synthesis',
    at: `${at}.home`,
  });
}

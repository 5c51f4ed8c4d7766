import type { InstallSection, QuadletFile, ServiceSection, UnitSection } from '../../directives/index';
import type { Ordering } from '../service/service';
import type { User } from '../user/user';

/** Sections of a Quadlet file: the common sections, and the section of its kind. */
export type QuadletDirectives<Name extends string, Keys> = { readonly [N in Name]?: Keys } & {
  readonly Unit?: UnitSection;
  readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
  readonly Service?: ServiceSection;
  readonly Install?: InstallSection;
};

/** Props of a construct that is written as a Quadlet file. */
export interface QuadletProps<Name extends string, Keys> {
  /**
   * Any key of the Quadlet file, under its name in the man page. A key replaces a default of this class. A key that a
   * prop also sets is refused.
   * @default - none
   * @throws Error for a key that a prop also sets
   * @see podman-systemd.unit(5)
   */
  readonly directives?: QuadletDirectives<Name, Keys>;
}

/** Names of the sections of a Quadlet file. */
export function quadletSections(own: string): string[] {
  return ['Unit', own, 'Quadlet', 'Service', 'Install'];
}

/** Directory from which podman reads Quadlet files. */
export function quadletDirectory(user: User | undefined): string {
  return user ? `${user.home}/.config/containers/systemd` : '/etc/containers/systemd';
}

/** Unit that starts the service at boot. */
export function bootTarget(user: User | undefined): string {
  return user ? 'default.target' : 'multi-user.target';
}

/**
 * The ordering of a Quadlet file. Units that the file refers to are left out, since Quadlet itself orders it after
 * them. For a rootless service, the unit that comes before every service of the user is added.
 */
export function quadletOrder(
  { After, Wants }: Ordering,
  user: User | undefined,
  referred: readonly { readonly unitName: string }[] = [],
): Ordering {
  const made = new Set(referred.map(({ unitName }) => unitName));
  const ordered = (units: readonly string[]) => [
    ...(user ? [user.podmanUnit] : []),
    ...units.filter((unit) => !made.has(unit)),
  ];
  return { After: ordered(After), Wants: ordered(Wants) };
}

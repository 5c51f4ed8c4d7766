import type { InstallSection, QuadletFile, ServiceSection, UnitSection } from '../../directives/index';
import type { Ordering } from '../service/service';
import type { User } from '../user/user';

/** Sections of a Quadlet file: those of every one, and one of its own. */
export type QuadletDirectives<Name extends string, Keys> = { readonly [N in Name]?: Keys } & {
  readonly Unit?: UnitSection;
  readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
  readonly Service?: ServiceSection;
  readonly Install?: InstallSection;
};

/** For what is written as a Quadlet file. */
export interface QuadletProps<Name extends string, Keys> {
  /**
   * Any key of the Quadlet file, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see podman-systemd.unit(5)
   */
  readonly directives?: QuadletDirectives<Name, Keys>;
}

/** Names of the sections of a Quadlet file. */
export function quadletSections(own: string): string[] {
  return ['Unit', own, 'Quadlet', 'Service', 'Install'];
}

/** Directory that podman reads Quadlet files from. */
export function quadletDirectory(user: User | undefined): string {
  return user ? `${user.home}/.config/containers/systemd` : '/etc/containers/systemd';
}

/** Unit that starts at boot what is to run from then on. */
export function bootTarget(user: User | undefined): string {
  return user ? 'default.target' : 'multi-user.target';
}

/**
 * The order of a Quadlet file: without units that Quadlet itself orders it after, since the file refers to them, and with
 * the one that every service of a user comes after.
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

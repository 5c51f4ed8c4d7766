import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';

/** Versions of the programs whose config files are checked at synthesis. */
export interface VersionProps {
  /**
   * Version of systemd on the host. A directive that is newer is refused at synthesis.
   * @default 257
   */
  readonly systemd?: number;
  /**
   * Version of podman on the host, `major.minor`. A Quadlet key that is newer is refused at synthesis.
   * @default '5.4'
   */
  readonly podman?: string;
}

export type Versions = Readonly<Required<VersionProps>>;

export const VERSION_PROPS: KnownProps<VersionProps> = { systemd: true, podman: true };

/** What each version must be, and which one a host has that names none. */
const PROGRAMS: { readonly [P in keyof Versions]: Program<Versions[P]> } = {
  systemd: { usual: 257, isVersion: isInteger, expected: 'an integer such as 257' },
  podman: { usual: '5.4', isVersion: isDotted, expected: 'text such as "5.4"' },
};

interface Program<T> {
  readonly usual: T;
  readonly isVersion: (value: unknown) => boolean;
  readonly expected: string;
}

/** @throws Error for what is not a version */
export function versionsOf(props: VersionProps, path: string): Versions {
  const versions = Object.entries(PROGRAMS).map(([program, { usual, isVersion, expected }]) => {
    const value = props[program as keyof Versions] ?? usual;
    if (!isVersion(value))
      fail({ action: `expect ${program}`, value, problem: 'is no version', expected, at: `${path}.${program}` });
    return [program, value];
  });
  return Object.fromEntries(versions) as Versions;
}

function isInteger(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 200;
}

function isDotted(value: unknown): boolean {
  return typeof value === 'string' && /^\d+\.\d+(\.\d+)?$/.test(value);
}

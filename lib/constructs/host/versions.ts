import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';

/** Versions of the host's programs. Synthesis checks config files against them. */
export interface VersionProps {
  /**
   * Version of systemd on the host, an integer from 200. Synthesis refuses directives that are newer.
   * @default 257
   */
  readonly systemd?: number;
  /**
   * Version of podman on the host, as `major.minor`. Synthesis refuses Quadlet keys that are newer.
   * @default '5.4'
   */
  readonly podman?: string;
}

export type Versions = Readonly<Required<VersionProps>>;

export const VERSION_PROPS: KnownProps<VersionProps> = { systemd: true, podman: true };

/** The default and the form of each version. */
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
      fail({ action: `expect ${program}`, value, problem: 'is not a version', expected, at: `${path}.${program}` });
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

import type { FilePart } from '../../manifest/index';

/** The content of a native file. Environment variables from an image are not secrets of the service. */
interface WithValues {
  readonly sections: Readonly<Record<string, object>>;
  readonly ofImage?: Readonly<Record<string, string>> | undefined;
}

/**
 * Owner and mode of a native file. Everybody can read it, unless it has values that may be confidential. systemd,
 * Quadlet and systemd-nspawn read a file as its owner. systemd-networkd runs as another user, so a file that may have
 * keys belongs to its group, as systemd.netdev(5) advises.
 */
export function fileAccess(
  path: string,
  { sections, ofImage = {} }: WithValues,
  owner: string,
): Pick<FilePart, 'mode' | 'owner' | 'group'> {
  if (path.endsWith('.netdev')) return { mode: '0640', owner, group: 'systemd-network' };
  const directives = Object.values(sections).flatMap((section) => Object.entries(section));
  const confidential = directives.some(
    ([key, value]) => key === 'SetCredential' || (key === 'Environment' && hasOwn(value, ofImage)),
  );
  return { mode: confidential ? '0600' : '0644', owner, group: owner };
}

function hasOwn(environment: unknown, ofImage: Readonly<Record<string, string>>): boolean {
  if (typeof environment !== 'object' || environment === null || Array.isArray(environment)) return true;
  return Object.entries(environment).some(([name, value]) => ofImage[name] !== value);
}

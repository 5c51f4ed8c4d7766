import { posix } from 'node:path';
import { assignments, type Manifest } from '../../manifest';
import { isNetworkdFile } from '../paths';
import type { ActualInterface, HostState } from '../state';
import type { Obstacle, Step } from '../step';

/** Prints what systemd-networkd and systemd-udevd know of all interfaces, as JSON. Both need systemd 250. */
export const INTERFACES_LOOK = 'networkctl --json=short --no-pager status 2>/dev/null; exit 0';

/** Reads the output of {@link INTERFACES_LOOK}. It is empty on a host whose network another program manages. */
export function parseInterfaces(text: string): ActualInterface[] {
  try {
    const { Interfaces = [] } = JSON.parse(text) as { Interfaces?: readonly Readonly<Record<string, unknown>>[] };
    return Interfaces.map((json) => ({
      name: String(json.Name),
      addresses: [json.HardwareAddress, json.PermanentHardwareAddress].flatMap((bytes) => hardwareAddress(bytes) ?? []),
      ...(typeof json.NetworkFile === 'string' && { network: json.NetworkFile }),
      ...(typeof json.LinkFile === 'string' && { link: json.LinkFile }),
    }));
  } catch {
    return [];
  }
}

function hardwareAddress(bytes: unknown): string | undefined {
  if (!Array.isArray(bytes)) return undefined;
  return bytes.map((byte) => Number(byte).toString(16).padStart(2, '0')).join(':');
}

/**
 * Obstacles and steps for a file that has no effect on any interface that it names, since for each interface another
 * file comes first by name: only the first matching file is read. A match by a pattern, or by anything except a name or
 * an address, is not judged, since it may be for future interfaces.
 * @see systemd.network(5), systemd.link(5)
 */
export function planShadowed(state: HostState, { files }: Manifest): { steps: Step[]; obstacles: Obstacle[] } {
  const shadowed = Object.entries(files).flatMap(([path, { content = '' }]) => {
    const kind = /\.(network|link)$/.exec(isNetworkdFile(path) ? path : '')?.[1] as 'network' | 'link' | undefined;
    if (!kind) return [];
    const named = (state.interfaces ?? []).filter((candidate) => isNamed(candidate, content));
    const others = named.map(({ name, [kind]: file }) => ({
      name,
      file: isBefore(file, path, state) ? file : undefined,
    }));
    const [first] = others;
    return first?.file && others.every(({ file }) => file) ? [{ path, name: first.name, file: first.file }] : [];
  });
  return {
    steps: shadowed.map(({ path, name, file }) => ({
      verb: 'write',
      kind: 'files',
      key: path,
      reason: `has no effect on ${name}: ${file} comes before it`,
    })),
    obstacles: shadowed.map(({ path, name, file }) => ({
      at: ['files', path],
      action: `write ${path}`,
      problem: `it would have no effect on ${name}: ${file} also matches it, and sorts before this file`,
      advice: `set the \`name\` prop to a name that sorts before "${posix.basename(file)}"`,
    })),
  };
}

/** Keys of [Match] that name an interface. Each is a list. All keys must match. */
const NAMES = ['Name', 'OriginalName'];
const ADDRESSES = ['MACAddress', 'PermanentMACAddress'];

function isNamed({ name, addresses }: ActualInterface, content: string): boolean {
  const match = assignments(content).filter(({ section }) => section === 'Match');
  return (
    match.length > 0 &&
    match.every(({ key, value }) => {
      const words = value.split(/\s+/);
      if (words.some((word) => /[*?[!]/.test(word))) return false;
      if (NAMES.includes(key)) return words.includes(name);
      return (
        ADDRESSES.includes(key) && words.some((word) => addresses.includes(word.toLowerCase().replaceAll('-', ':')))
      );
    })
  );
}

// networkd may not have noticed yet that a file was deleted.
function isBefore(other: string | undefined, path: string, { overrides }: HostState): boolean {
  if (other === undefined || posix.basename(other) >= posix.basename(path)) return false;
  return !isNetworkdFile(other) || overrides.some((override) => override.path === other);
}

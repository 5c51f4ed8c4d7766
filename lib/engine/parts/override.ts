import { posix } from 'node:path';
import type { Manifest, UnitPart } from '../../manifest';
import { isNetworkdFile } from '../networkd';
import type { Override } from '../state';
import type { Step } from '../step';

/**
 * Directories that unit files, Quadlet files and those of systemd-networkd are taken from, highest precedence first.
 * @see systemd.unit(5) "Unit File Load Path", podman-systemd.unit(5), systemd.network(5)
 */
export const LOAD_PATH = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/etc/systemd/system',
  '/run/systemd/system',
  '/run/systemd/generator',
  '/run/containers/systemd',
  '/etc/containers/systemd',
  '/etc/systemd/network',
  '/run/systemd/network',
] as const;

/** The same for the systemd of a user. */
export function userLoadPath(home: string, uid: string): readonly string[] {
  const run = `/run/user/${uid}`;
  return [
    `${home}/.config/systemd/user.control`,
    `${run}/systemd/user.control`,
    `${run}/systemd/transient`,
    `${home}/.config/systemd/user`,
    '/etc/systemd/user',
    `${run}/systemd/user`,
    '/run/systemd/user',
    `${run}/systemd/generator`,
    `${run}/containers/systemd`,
    `${home}/.config/containers/systemd`,
  ];
}

const isGenerator = (directory: string) => directory.endsWith('/generator');

/**
 * What changes a service's units from outside of its files: drop-ins, masks, and files of the same name that take
 * precedence. They are drift like any other: an apply removes them.
 */
export function overridesOf(
  manifest: Manifest,
  overrides: readonly Override[],
  loadPath: readonly string[],
): Override[] {
  const rank = (directory: string) => loadPath.indexOf(directory);
  const generator = loadPath.find(isGenerator) ?? '';
  const own = new Map(Object.keys(manifest.files).map((path) => [posix.basename(path), posix.dirname(path)]));
  // A unit without a file of its own comes from a generator.
  for (const unit of Object.keys(manifest.units)) if (!own.has(unit)) own.set(unit, generator);
  const byName = indexOf(overrides);
  return [...own].flatMap(([name, directory]) =>
    (byName.get(name) ?? []).filter(({ path, dropIn }) => {
      // To Quadlet, shop.network is another file than to networkd.
      if (path in manifest.files || isNetworkdFile(path) !== isNetworkdFile(`${directory}/`)) return false;
      return dropIn || rank(posix.dirname(path)) < rank(directory);
    }),
  );
}

const indexes = new WeakMap<readonly Override[], ReadonlyMap<string, readonly Override[]>>();

// One list serves all services of a host, and holds the units of all of them.
function indexOf(overrides: readonly Override[]): ReadonlyMap<string, readonly Override[]> {
  const known = indexes.get(overrides);
  if (known) return known;
  const index = new Map<string, Override[]>();
  for (const override of overrides) {
    const same = index.get(override.name) ?? [];
    index.set(override.name, same);
    same.push(override);
  }
  indexes.set(overrides, index);
  return index;
}

export const isMask = (override: Override): boolean => override.target === '/dev/null';

export function planOverride(override: Override): Step {
  const effect = isMask(override) ? 'masks' : override.dropIn ? 'changes' : 'takes precedence over';
  return { verb: 'remove', kind: 'files', key: override.path, reason: `${effect} ${override.name}` };
}

/** Why a unit runs with something else than its files say. */
export function overridden(name: string, unit: UnitPart, overrides: readonly Override[]): string | undefined {
  const names = [name, ...unit.restartOn.map((path) => posix.basename(path))];
  const override = overrides.find((candidate) => !isMask(candidate) && names.includes(candidate.name));
  return override && `${override.path} is removed`;
}

/** Reads what the observing script lists: `path`, a tab, and where it links to, if it is a link. */
export function parseOverrides(text: string, loadPath: readonly string[] = LOAD_PATH): Override[] {
  return text.split('\n').flatMap((line): Override[] => {
    const [path = '', target = ''] = line.split('\t');
    const directory = posix.dirname(path);
    if (loadPath.includes(directory)) return [{ path, target, dropIn: false, name: posix.basename(path) }];
    if (!directory.endsWith('.d') || !path.endsWith('.conf')) return [];
    return [{ path, target, dropIn: true, name: posix.basename(directory).slice(0, -2) }];
  });
}

/** Units that the same listing shows to be enabled: by a link from a unit that wants them, or as another name of them. */
export function parseEnabled(text: string): Set<string> {
  const links = text.split('\n').map((line) => line.split('\t'));
  return new Set(
    links.flatMap(([path = '', target = '']) => {
      if (/\.(?:wants|requires|upholds)$/.test(posix.dirname(path))) return [posix.basename(path)];
      return target === '' ? [] : [posix.basename(target)];
    }),
  );
}

import { posix } from 'node:path';
import { ABSOLUTE_PATH, kindOf, type Manifest, type UnitPart } from '../../manifest';
import { GENERATORS } from '../kinds';
import { ATTACHED_DIRECTORY, isNetworkdFile } from '../paths';
import type { Override } from '../state';
import type { Step } from '../step';

/**
 * Directories from which systemd, its generators and systemd-networkd read files, highest precedence first.
 * @see systemd.unit(5) "Unit File Load Path", systemd.network(5)
 */
export const LOAD_PATH: readonly string[] = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/etc/systemd/system',
  ATTACHED_DIRECTORY,
  '/run/systemd/system',
  '/run/systemd/generator',
  ...GENERATORS.flatMap(({ directories }) => directories),
  '/etc/systemd/network',
  '/run/systemd/network',
];

/** Directories for the units of all users. Only root can write to them. */
export const SHARED_LOAD_PATH = ['/etc/systemd/user', '/run/systemd/user'] as const;

/** Unit directories that belong to a user. */
export function ownLoadPath(home: string, uid: string): readonly string[] {
  return userLoadPath(home, uid).filter((directory) => !(SHARED_LOAD_PATH as readonly string[]).includes(directory));
}

/** Unit directories of a user's systemd, highest precedence first. */
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
    ...GENERATORS.flatMap((generator) => generator.directoriesOf(home, run)),
  ];
}

const isGenerator = (directory: string) => directory.endsWith('/generator');

/**
 * Changes to a service's units from outside of its files: drop-ins, masks, and files of the same name with higher
 * precedence. They are drift: an apply removes them.
 */
export function overridesOf(
  manifest: Manifest,
  overrides: readonly Override[],
  loadPath: readonly string[],
): Override[] {
  const rank = (directory: string) => loadPath.indexOf(directory);
  const generator = loadPath.find(isGenerator) ?? '';
  const own = new Map(Object.keys(manifest.files).map((path) => [posix.basename(path), posix.dirname(path)]));
  // A unit without its own file comes from a generator.
  for (const unit of Object.keys(manifest.units)) if (!own.has(unit)) own.set(unit, generator);
  const links = new Set(Object.keys(manifest.objects).map((key) => kindOf(key).of));
  const byName = indexOf(overrides);
  return [...own].flatMap(([name, directory]) =>
    (byName.get(name) ?? []).filter(({ path, dropIn }) => {
      // To a generator, shop.network may be another file than to networkd.
      if (path in manifest.files || links.has(path) || isNetworkdFile(path) !== isNetworkdFile(`${directory}/`))
        return false;
      return dropIn || rank(posix.dirname(path)) < rank(directory);
    }),
  );
}

const indexes = new WeakMap<readonly Override[], ReadonlyMap<string, readonly Override[]>>();

// One list serves all services of a host, with the units of all of them, so its index is cached.
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

/** Why a unit does not run with what its files say. */
export function overridden(name: string, unit: UnitPart, overrides: readonly Override[]): string | undefined {
  const names = [name, ...unit.restartOn.map((path) => posix.basename(path))];
  const override = overrides.find((candidate) => !isMask(candidate) && names.includes(candidate.name));
  return override && `${override.path} is removed`;
}

/** An entry of a unit directory: its path, and its target if it is a link. */
export interface Listed {
  readonly path: string;
  readonly target: string;
}

/**
 * Reads a listing of directories: paths and link targets, each followed by a zero byte. Entries outside of the listed
 * directories are skipped, since the owner of a directory can invent entries.
 */
export function readListing(output: Buffer, directories: readonly string[]): Listed[] {
  const texts = output.toString().split('\0');
  const entries = Array.from({ length: Math.floor(texts.length / 2) }, (_, index) => ({
    path: texts[2 * index] ?? '',
    target: texts[2 * index + 1] ?? '',
  }));
  return entries.filter(({ path }) => {
    if (!ABSOLUTE_PATH.pattern.test(path)) return false;
    const directory = posix.dirname(path);
    return directories.includes(directory) || directories.includes(posix.dirname(directory));
  });
}

/** Entries that may change a unit. */
export function parseOverrides(listing: readonly Listed[], loadPath: readonly string[] = LOAD_PATH): Override[] {
  return listing.flatMap(({ path, target }): Override[] => {
    const directory = posix.dirname(path);
    if (loadPath.includes(directory)) return [{ path, target, dropIn: false, name: posix.basename(path) }];
    if (!directory.endsWith('.d') || !path.endsWith('.conf')) return [];
    return [{ path, target, dropIn: true, name: posix.basename(directory).slice(0, -2) }];
  });
}

/** Units that the listing shows as enabled: by a link from a unit that wants them, or by an alias. */
export function parseEnabled(listing: readonly Listed[]): Set<string> {
  return new Set(
    listing.flatMap(({ path, target }) => {
      if (/\.(?:wants|requires|upholds)$/.test(posix.dirname(path))) return [posix.basename(path)];
      return target === '' ? [] : [posix.basename(target)];
    }),
  );
}

import { mmdebstrap } from './mmdebstrap';
import { requireCommands } from './packages';
import type { Progress } from './progress';

/** Says which units are enabled when their package is installed; see systemd.preset(5). */
const PRESETS = ['system', 'user'].map((manager) => `"$1"/etc/systemd/${manager}-preset/00-lab.preset`);

const OPTIONS = [
  '--variant=custom',
  '--setup-hook=cp -a --remove-destination "$LAB_BASE"/. "$1"',
  ...PRESETS.map((file) => `--setup-hook=mkdir -p "$(dirname ${file})"; echo "disable *" > ${file}`),
  `--customize-hook=rm ${PRESETS.join(' ')}`,
  // Links for services that have no unit. Those of the base have one.
  '--customize-hook=rm -f "$1"/etc/rc[S2-5].d/S*',
];

/** All that decides what `addPackages` makes, beside the base and the state of the Debian archive. */
export const EXTRA_PACKAGES_INPUTS = JSON.stringify(OPTIONS);

/**
 * The names in alphabetical order, each once.
 * @throws Error for a name that no Debian package can have.
 */
export function packageNames(names: readonly string[]): string[] {
  for (const name of names) {
    // Debian Policy, section 5.6.1
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) {
      throw new Error(
        `Cannot add the package ${JSON.stringify(name)}: expected the name of a Debian package, such as "nginx"`,
      );
    }
  }
  return [...new Set(names)].sort();
}

/**
 * Copies a root filesystem and installs Debian packages in the copy. Their services are not enabled.
 * @param base Root filesystem to copy.
 * @param root Directory to make.
 * @throws Error that names the packages which do not exist, or with the last messages of mmdebstrap(1).
 */
export async function addPackages(
  base: string,
  root: string,
  packages: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  await requireCommands(['mmdebstrap'], progress, signal);
  progress(`adding ${packages.join(', ')} to a copy of it, once`);
  const options = [...OPTIONS, `--include=${packages.join(',')}`];
  await mmdebstrap({ options, environment: { LAB_BASE: base }, root, signal });
}

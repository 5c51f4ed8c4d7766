import { statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { aptSources } from './apt-sources';
import { CommandError, command } from './command';

/** Codename of the Debian release that labs run. */
export const SUITE = 'trixie';

/** Options of mmdebstrap(1) for every root filesystem of a lab. */
export const COMMON_OPTIONS = [
  '--mode=root',
  '--aptopt=Acquire::Languages "none"',
  '--aptopt=APT::Install-Recommends "false"',
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-exclude=/usr/share/info/*',
  '--dpkgopt=path-exclude=/usr/share/locale/*',
  '--dpkgopt=path-exclude=/usr/share/man/*',
  // A lab reaches no archive.
  '--customize-hook=rm "$1"/etc/apt/sources.list.d/*',
];

export interface Build {
  readonly options: readonly string[];
  /** Variables for the hooks among the options. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The directory to make. */
  readonly root: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds a root filesystem from the Debian archive that this machine's apt uses.
 * @throws Error that says what is missing, or with the last messages of mmdebstrap(1).
 */
export async function mmdebstrap({ options, environment = {}, root, signal }: Build): Promise<void> {
  const sources = `${root}.sources.list`;
  await writeFile(sources, `${(await aptSources(SUITE, signal)).join('\n')}\n`);
  // In a process namespace that ends with this process: a build that nobody waits for must not go on.
  const contained = ['--pdeathsig=KILL', 'unshare', '--pid', '--mount-proc', '--fork', '--kill-child=KILL', '--'];
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const build = ['env', ...variables, 'mmdebstrap', ...COMMON_OPTIONS, ...options, SUITE, root, sources];
  try {
    await command(['setpriv', ...contained, ...build], { signal, killSignal: 'SIGKILL' });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw buildError(error.stderr, await placeOf(root));
  }
}

async function placeOf(root: string): Promise<string> {
  const directory = dirname(dirname(root));
  const { bavail, bsize } = await statfs(directory);
  return `"${directory}" (${Math.floor((bavail * bsize) / 1e6)} MB free)`;
}

/**
 * Says why a build failed and what to do.
 * @param stderr What mmdebstrap(1), and apt-get(8) in it, had to say.
 * @param place The directory of all builds.
 */
export function buildError(stderr: string, place: string): Error {
  if (stderr.includes('No space left on device')) {
    return new Error(
      `Cannot build the lab: no space is left in ${place}, expected 1 GB and what the packages need; ` +
        'free some space there, or set BULKHEAD_LAB_CACHE to a directory that has some',
    );
  }
  const unknown = [...stderr.matchAll(/^E: (?:Unable to locate package (\S+)|Package '(\S+)' has no installation)/gm)];
  if (unknown.length > 0) {
    const names = unknown.map(([, missing, virtual]) => `"${missing ?? virtual}"`).join(', ');
    return new Error(
      `Cannot add ${names}: Debian ${SUITE} has no such package, expected names of packages such as "nginx"`,
    );
  }
  const unreachable = stderr.match(/^E: Failed to fetch (.*)$/m)?.[1];
  if (unreachable) {
    return new Error(
      `Cannot build the lab: the Debian archive cannot be read, expected one that this machine's apt reaches\n${unreachable}`,
    );
  }
  const errors = stderr.split('\n').filter((line) => line.trim() && !/^[IW]: /.test(line));
  return new Error(`Cannot build the lab: mmdebstrap failed\n${errors.slice(-15).join('\n')}`);
}

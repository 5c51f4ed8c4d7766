import { execFileSync, type SpawnSyncReturns } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cached, imageCache } from './cache';

/** Prints one line per package index: the label of its archive, and the URI from which this machine gets it. */
export const APT_QUERY = [
  'apt-get',
  'indextargets',
  '--format',
  '$(LABEL)\t$(REPO_URI)',
  'Created-By: Packages',
  'Origin: Debian',
] as const;

/**
 * The sources.list(5) lines for a suite of Debian.
 * @param targets Lines of `<label> TAB <URI>`.
 */
export function sourcesIn(targets: string, suite: string): string[] {
  const uris = new Map<string, string>();
  for (const line of targets.trim().split('\n')) {
    const [label, uri] = line.split('\t');
    if (label && uri && !uris.has(label)) uris.set(label, uri.replace(/\/+$/, ''));
  }
  const main = uris.get('Debian');
  if (!main) return [];
  const security = uris.get('Debian-Security');
  return [
    `deb ${main} ${suite} main`,
    `deb ${main} ${suite}-updates main`,
    ...(security ? [`deb ${security} ${suite}-security main`] : []),
  ];
}

/** Options of mmdebstrap(1) for a small system without documentation. */
const OPTIONS = [
  '--variant=minbase',
  '--format=tar',
  '--aptopt=Acquire::Languages "none"',
  '--aptopt=APT::Install-Recommends "false"',
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  '--dpkgopt=path-exclude=/usr/share/info/*',
  '--dpkgopt=path-exclude=/usr/share/locale/*',
  '--dpkgopt=path-exclude=/usr/share/man/*',
  // Files that the host does not need, and files that differ between builds.
  '--customize-hook=rm -rf "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/sources.list "$1"/var/log/* "$1"/var/cache/*',
];

/** Timestamp of the files in an image, so that two builds of the same packages are identical. */
const SOURCE_DATE_EPOCH = '1';

/**
 * A tar archive of a Debian system with packages. mmdebstrap(1) builds it from the same mirror as this machine's apt,
 * and an earlier build is used again. Returns its path.
 * @throws Error that says what is missing, or with the last messages of mmdebstrap
 */
export function debianTar(suite: string, packages: readonly string[]): string {
  const wanted = [...new Set(packages)].sort();
  const digest = createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 32);
  const name = `debian-${suite}-${process.arch}-${digest}.tar`;
  const there = join(imageCache(), name);
  return existsSync(there) ? there : cached(name, (path) => build(suite, wanted, path));
}

/** Architecture of this machine, in the words of images. Debian is built for it. */
export function debianArchitecture(): string {
  const others: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };
  return others[process.arch] ?? process.arch;
}

function build(suite: string, packages: readonly string[], path: string): void {
  const sources = sourcesIn(run(APT_QUERY), suite);
  if (sources.length === 0)
    throw new Error("this machine's apt has no Debian archive, expected one in /etc/apt/sources.list.d");
  const include = packages.length > 0 ? [`--include=${packages.join(',')}`] : [];
  run(['mmdebstrap', ...OPTIONS, ...include, suite, path, '-'], `${sources.join('\n')}\n`);
}

function run([program, ...args]: readonly string[], input = ''): string {
  // After a change to root, the PATH of a shell may lack the directories of administration commands.
  const env = { ...process.env, LC_ALL: 'C', SOURCE_DATE_EPOCH, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  try {
    return execFileSync(program ?? '', args, { input, env, encoding: 'utf8', maxBuffer: 64 << 20, stdio: 'pipe' });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & Partial<SpawnSyncReturns<string>>;
    if (code === 'ENOENT')
      throw new Error(`${program} is not installed on this machine, expected: apt-get install ${program}`);
    const said = (stderr ?? '').split('\n').filter((line) => line.trim() && !/^[IW]: /.test(line));
    throw new Error(said.slice(-5).join('\n') || String(error));
  }
}

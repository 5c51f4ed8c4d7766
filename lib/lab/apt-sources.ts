import { command } from './command';
import { aptUpdate } from './packages';

/** Asks for one line per index of packages: the name that its archive goes by, and where this machine gets it from. */
const QUERY = [
  'apt-get',
  'indextargets',
  '--format',
  '$(LABEL)\t$(REPO_URI)',
  'Created-By: Packages',
  'Origin: Debian',
] as const;

/**
 * The sources.list(5) lines that give a suite of Debian, from where this machine's own apt gets Debian.
 * @throws Error when this machine's apt knows no Debian archive.
 */
export async function aptSources(suite: string, signal?: AbortSignal): Promise<string[]> {
  const known = sourcesIn(await command(QUERY, { signal }), suite);
  if (known.length > 0) return known;
  // Origin and label are known only once the archive's index was downloaded.
  await aptUpdate(signal);
  const found = sourcesIn(await command(QUERY, { signal }), suite);
  if (found.length > 0) return found;
  throw new Error(
    "Cannot build the lab: this machine's apt has no Debian archive, expected one in /etc/apt/sources.list.d",
  );
}

/** @param targets Lines of `<label> TAB <URI>`. */
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

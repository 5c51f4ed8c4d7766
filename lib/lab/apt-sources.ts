import { APT_QUERY, sourcesIn } from '../images/debian-tar';
import { command } from './command';
import { aptUpdate } from './packages';

/**
 * The sources.list(5) lines that give a suite of Debian, from where this machine's own apt gets Debian.
 * @throws Error when this machine's apt knows no Debian archive.
 */
export async function aptSources(suite: string, signal?: AbortSignal): Promise<string[]> {
  const known = sourcesIn(await command(APT_QUERY, { signal }), suite);
  if (known.length > 0) return known;
  // Origin and label are known only once the archive's index was downloaded.
  await aptUpdate(signal);
  const found = sourcesIn(await command(APT_QUERY, { signal }), suite);
  if (found.length > 0) return found;
  throw new Error(
    "Cannot build the lab: this machine's apt has no Debian archive, expected one in /etc/apt/sources.list.d",
  );
}

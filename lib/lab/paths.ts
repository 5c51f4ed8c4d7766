import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';

const DEFAULT_HOME = '/var/lib/bulkhead/lab';
const DEFAULT_CACHE = '/var/cache/bulkhead/lab';

/** The names by which one lab is known to the machine. */
export interface LabPaths {
  readonly name: string;
  /** All that this lab keeps; removed by `down`. */
  readonly state: string;
  /** Root filesystems and test images, shared by all labs. */
  readonly cache: string;
  /** Held while a command changes this lab. */
  readonly lock: string;
  /** Name of the lab's directory in each cgroup hierarchy. */
  readonly cgroup: string;
  /** The machine's end of the link to the lab; at most 15 characters. */
  readonly link: string;
  readonly hostname: string;
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/**
 * @param home `/var/lib/bulkhead/lab` by default, or what BULKHEAD_LAB_HOME says.
 * @throws Error for a name that is no host name label.
 */
export function labPaths(name = 'default', home = defaultHome()): LabPaths {
  if (!NAME.test(name)) {
    throw new Error(`Cannot name a lab "${name}": expected 1 to 32 of a-z, 0-9 and "-", such as "default"`);
  }
  // Cgroups and links are known machine-wide, labs of the same name in another home must not share them.
  const id = home === DEFAULT_HOME ? name : `${name}-${digest(home)}`;
  const link = `lab-${id}`;
  return {
    name,
    state: resolve(home, name),
    cache: labCache(),
    lock: `/run/bulkhead/lab/${id}.lock`,
    cgroup: `bulkhead-lab-${id}`,
    link: link.length <= 15 ? link : `lab-${digest(id)}`,
    hostname: name === 'default' ? 'lab' : `lab-${name}`,
  };
}

/** Names of the labs in a home, also of those that were cut off while their state was made or removed. */
export async function labNames(home = defaultHome()): Promise<string[]> {
  const entries = await readdir(home).catch(() => []);
  const names = entries.map((entry) => entry.match(/^\.(.*)\.unfinished$/)?.[1] ?? entry);
  return [...new Set(names)].filter((name) => NAME.test(name)).sort();
}

function defaultHome(): string {
  return process.env.BULKHEAD_LAB_HOME ?? DEFAULT_HOME;
}

/** `/var/cache/bulkhead/lab`, or what BULKHEAD_LAB_CACHE says. */
export function labCache(): string {
  return resolve(process.env.BULKHEAD_LAB_CACHE ?? DEFAULT_CACHE);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

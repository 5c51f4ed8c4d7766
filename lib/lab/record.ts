import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { labCommandLine } from '../manifest/host';

/** What a lab remembers over restarts. */
export interface LabRecord {
  /** Directory of the root filesystem that its disk lies over. */
  readonly rootfs: string;
  /** Debian packages that were added to it. */
  readonly packages: readonly string[];
  /** Third number of its addresses; another one is chosen at the start when it is taken by then. */
  readonly subnet: number;
}

/** @throws Error for a record that can't be understood, such as one of another version. */
export async function readRecord(state: string): Promise<LabRecord | undefined> {
  const path = join(state, 'lab.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const { rootfs, packages = [], subnet } = parse(text);
  if (typeof rootfs === 'string' && Array.isArray(packages) && typeof subnet === 'number') {
    return { rootfs, packages, subnet };
  }
  throw new Error(
    `Cannot read "${path}": it is damaged, expected what "bulkhead lab up" writes; run "${labCommandLine('down', basename(state))}"`,
  );
}

function parse(text: string): Partial<LabRecord> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

export async function writeRecord(state: string, record: LabRecord): Promise<void> {
  const path = join(state, 'lab.json');
  await writeFile(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}

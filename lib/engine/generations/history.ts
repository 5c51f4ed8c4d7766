import { isDeepStrictEqual } from 'node:util';
import { belongsTo, type Manifest, PART_KINDS } from '../../manifest';
import { GENERATIONS_DIR, RECORDS_DIR } from '../paths';
import { readRecord } from '../record';
import { run } from '../run';
import type { Scope } from '../scope';
import type { ServiceRecord } from '../service-record';
import { numberOf } from './numbering';
import { readFiles } from './read';

/** A version of a service that a host has. */
export interface HistoryEntry {
  readonly number: number;
  /** When it was applied, ISO 8601. */
  readonly applied: string;
  /** Whether it is the one that runs. The others are kept. */
  readonly current: boolean;
  /** What it has that the version before it does not have, or has otherwise; unknown for the oldest that is kept. */
  readonly changes: readonly string[];
}

/** Prints records: lines of a size, a time and a path, an empty line, and the records. Arguments: names of services. */
const HISTORY_SCRIPT = `
list() {
  format=$1; shift
  for name; do find "${RECORDS_DIR}/$name" "${GENERATIONS_DIR}/$name"/*/record -maxdepth 0 -type f -printf "$format" 2>/dev/null || :; done
}
list '%s %T@ %p\\n' "$@"
echo
list '%p\\0' "$@" | xargs -0 -r cat --
`;

/** Reads which versions of services a host has, by the names of the services, the newest first. @throws ApplyError */
export async function readHistory(
  scope: Scope,
  services: readonly Manifest[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly HistoryEntry[]>> {
  const names = services.map(({ name }) => name);
  const purpose = { action: 'read the history of services' };
  const { stdout } = await run(scope, ['sh', '-c', HISTORY_SCRIPT, 'sh', ...names], purpose, signal && { signal });
  const found = [...readFiles(stdout)].flatMap(([line, text]): Found[] => {
    const [, seconds = '', path = ''] = /^([\d.]+) (.+)$/.exec(line) ?? [];
    const isCurrent = path.startsWith(`${RECORDS_DIR}/`);
    const name = path.split('/').at(isCurrent ? -1 : -3) ?? '';
    const record = readRecord(name, text.toString());
    return typeof record === 'string' ? [] : [{ record, applied: Number(seconds) * 1000, isCurrent }];
  });
  return new Map(services.map((service) => [service.name, historyOf(versionsOf(service, found))]));
}

interface Found {
  readonly record: ServiceRecord;
  readonly applied: number;
  readonly isCurrent: boolean;
}

/** Versions that were applied before a service has moved to its stack count as its own. */
function versionsOf(service: Manifest, found: readonly Found[]): Found[] {
  const ofName = found.filter(({ record }) => record.manifest.name === service.name);
  const owner = ofName.find(({ isCurrent }) => isCurrent);
  return owner && belongsTo(owner.record.manifest, service) ? ofName : [];
}

/** Pure. */
export function historyOf(found: readonly Found[]): HistoryEntry[] {
  const current = found.find(({ isCurrent }) => isCurrent);
  // An apply that was cut off may have left others. Before it changes anything, the version that runs is kept as well.
  const kept = current?.record.previous ?? [];
  const others = found.filter(
    ({ record, isCurrent }) => !isCurrent && kept.some(({ number }) => number === numberOf(record)),
  );
  const all = [...others, ...(current ? [current] : [])].sort((a, b) => numberOf(b.record) - numberOf(a.record));
  return all.map(({ record, applied, isCurrent }, index) => ({
    number: numberOf(record),
    applied: new Date(applied).toISOString(),
    current: isCurrent,
    changes: changesBetween(all[index + 1]?.record.manifest, record.manifest),
  }));
}

function changesBetween(before: Manifest | undefined, after: Manifest): string[] {
  if (!before) return [];
  return PART_KINDS.flatMap((kind) => {
    const [old, now]: Readonly<Record<string, unknown>>[] = [before[kind], after[kind]];
    const keys = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])].sort();
    return keys.flatMap((key) => {
      if (isDeepStrictEqual(old?.[key], now?.[key])) return [];
      return !(old && key in old) ? [`+ ${key}`] : !(now && key in now) ? [`- ${key}`] : [`~ ${key}`];
    });
  });
}

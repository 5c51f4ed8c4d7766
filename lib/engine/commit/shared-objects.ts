import { KINDS, type KindRow } from '../../manifest';
import type { Change, Kind } from '../kind';
import { RECORDS_DIR } from '../paths';
import { run } from '../run';
import { inScope } from '../scope';
import type { ServicePlan } from '../step';
import type { Work } from './work';

/** Objects to delete, by the plan of their service. */
export type Deletions = ReadonlyMap<ServicePlan, readonly Change[]>;

/** Prints which records contain which of the given lines: `NAME:LINE`. Standard input: the lines. */
const OWNERS_SCRIPT = `cd ${RECORDS_DIR} 2>/dev/null || exit 0; grep -HxF -f - -- * || [ $? -eq 1 ]`;

/**
 * The objects to delete that no other service has. The records on the host are sufficient to know: services that
 * somebody applies at the same time have already recorded what they will need. @throws ApplyError
 */
export async function withoutShared(
  { transport, tools: { signal } }: Work,
  { name: kind }: Kind,
  user: string | undefined,
  deletions: Deletions,
): Promise<Deletions> {
  const { shared }: KindRow = KINDS[kind];
  const names = new Set([...deletions.values()].flatMap((changes) => changes.map(({ name }) => name)));
  if (!shared || names.size === 0) return deletions;
  const lineOf = (name: string) => `${inScope(kind, user)} ${name}`;
  const input = Buffer.from([...names].map((name) => `${lineOf(name)}\n`).join(''));
  const purpose = { action: 'read the records of services' };
  const { stdout } = await run(transport, ['sh', '-c', OWNERS_SCRIPT], purpose, { input, ...(signal && { signal }) });
  const owners = stdout.toString().split('\n');
  const isLast = (name: string) => {
    const leaving = [...deletions].filter(([, changes]) => changes.some((change) => change.name === name));
    const own = new Set(leaving.map(([plan]) => `${plan.name}:${lineOf(name)}`));
    return !owners.some((owner) => owner.endsWith(`:${lineOf(name)}`) && !own.has(owner));
  };
  const last = new Set([...names].filter(isLast));
  return new Map([...deletions].map(([plan, changes]) => [plan, changes.filter(({ name }) => last.has(name))]));
}

import type { Transport } from '../transport';

interface OnHost {
  readonly transport: Transport;
}

/** Several stacks may be on one host, and are reached over one connection. */
export function byHost<T extends OnHost>(targets: readonly T[]): ReadonlyMap<Transport, readonly T[]> {
  const hosts = new Map<Transport, T[]>();
  for (const target of targets) hosts.set(target.transport, [...(hosts.get(target.transport) ?? []), target]);
  return hosts;
}

/** Looks at all hosts at once, with one look for all targets on a host. Returns a result for each target, in order. */
export async function atEachHost<T extends OnHost, Result>(
  targets: readonly T[],
  look: (transport: Transport, targets: readonly T[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const results = new Map<T, Result>();
  const looks = [...byHost(targets)].map(async ([transport, here]) => {
    for (const [index, result] of (await look(transport, here)).entries()) results.set(here[index] as T, result);
  });
  await Promise.all(looks);
  return targets.map((target) => results.get(target) as Result);
}

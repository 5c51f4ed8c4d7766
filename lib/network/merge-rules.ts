import type { PortRange, Rule } from './model';
import { mergePorts } from './port-ranges';

/** The same rules without overlaps, which nft(8) would refuse. */
export function mergeRules(rules: Iterable<Rule>): Rule[] {
  const pairs = new Map<Rule['from'], Map<Rule['to'], Rule[]>>();
  for (const rule of rules) {
    const targets = pairs.get(rule.from) ?? new Map<Rule['to'], Rule[]>();
    pairs.set(rule.from, targets);
    targets.set(rule.to, [...(targets.get(rule.to) ?? []), rule]);
  }
  return [...pairs].flatMap(([from, targets]) =>
    [...targets].flatMap(([to, same]) => {
      const ranges = same.flatMap(({ ports }): PortRange[] => (ports ? [ports] : []));
      return ranges.length === 0 ? [{ from, to }] : mergePorts(ranges).map((ports) => ({ from, to, ports }));
    }),
  );
}

import { incoming, outgoing, type RulesOfNetwork, ruleChain, ruleTable } from './member-rules';
import { FAMILIES, type Family, type Member } from './model';
import { GUEST_TAP } from './names';

/**
 * The rules of a virtual machine in the namespace that routes to its guest, for `nft -f`: the {@link memberRules} for
 * forwarded packets. Root in the guest can't change them. The namespace itself opens only connections to the guest, for
 * health probes.
 */
export function guestRules(network: RulesOfNetwork, member: Member): string {
  const guest = `"${GUEST_TAP}"`;
  const forged = FAMILIES.map(({ ip, address }) => `iifname ${guest} ${ip} saddr != ${member[address]} drop`);
  const rules = (family: Family) => [
    ...incoming(network, member, family).map((rule) => when(`oifname ${guest}`, rule)),
    ...outgoing(network, member, family).map((rule) => when(`iifname ${guest}`, rule)),
  ];
  return ruleTable(
    ruleChain('pass', 'forward', forged, rules),
    ruleChain('input', 'input', ['iif "lo" accept'], ({ version }) => [
      `iifname ${guest} ${version === 4 ? 'icmp type' : 'icmpv6 type'} echo-request accept`,
    ]),
    ruleChain('output', 'output', [`oifname { "lo", ${guest} } accept`], () => []),
  );
}

const when = (condition: string, rule: string): string => (rule === '' ? '' : `${condition} ${rule}`);

import { isMember, type Member, type NetworkModel, type Rule } from './model';

/** The hosts(5) of a service: itself, and the services that it may reach. */
export function hostsFile(rules: readonly Rule[], member: Member): string {
  const reached = rules.flatMap(({ from, to }) => (from === member && isMember(to) ? [to] : []));
  const lines = [...new Set([member, ...reached])].flatMap(linesOf);
  return `${['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', ...lines].join('\n')}\n`;
}

/**
 * Lines for the host's hosts(5), marked with the network's name: the services of the network that the host may reach.
 */
export function hostNamesFile({ name, members, rules }: NetworkModel): string {
  const reached = new Set(rules.flatMap(({ from, to }) => (from === 'host' ? [to] : [])));
  const lines = members.filter((member) => reached.has(member)).flatMap(linesOf);
  return lines.map((line) => `${line} # bulkhead ${name}\n`).join('');
}

function linesOf({ names, address, address6 }: Member): string[] {
  return [address, address6].map((own) => `${own} ${names.join(' ')}`);
}

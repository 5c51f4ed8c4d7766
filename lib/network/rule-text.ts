import { familyOf, type Network, overlap, parseNetwork } from '../containment/addresses';
import type { Family } from './model';

/** A set or map of a table. nft(8) does not accept an empty list of elements. */
export function collection(head: string, type: string, elements: readonly string[], flags = ''): string {
  const list = [...new Set(elements)].sort().join(', ');
  return `\t${head} { typeof ${type};${flags}${list && ` elements = { ${list} }`} }`;
}

/**
 * Networks of one version of IP, without networks inside another one, which nft(8) refuses in one set.
 * @param networks Undefined for all addresses.
 */
export function sources(networks: readonly string[] | undefined, { version }: Family): string[] {
  const all = version === 4 ? '0.0.0.0/0' : '::/0';
  const ranges = new Map<string, Network>();
  for (const text of networks ?? [all]) {
    const range = parseNetwork(text);
    if (range && familyOf(range.address) === `ipv${version}`) ranges.set(text, range);
  }
  const isWithin = (range: Network) =>
    [...ranges.values()].some((wide) => wide.bits < range.bits && overlap(wide, range));
  return [...ranges].filter(([, range]) => !isWithin(range)).map(([text]) => text);
}

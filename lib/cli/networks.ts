import type { HostState } from '../engine';
import { directoryOf, type NetworkDocument, type PartyDocument, showPublished } from '../network';
import { table } from './terminal';

/** The networks of services as they lie on a host. */
export function networksOf(names: readonly string[], { files }: Pick<HostState, 'files'>): NetworkDocument[] {
  return names.flatMap((name) => {
    const content = files.get(`${directoryOf(name)}/network.json`)?.content?.toString();
    const document = content === undefined ? undefined : parse(content);
    return document ? [document] : [];
  });
}

// Somebody may have edited the file, which the next plan shows.
function parse(text: string): NetworkDocument | undefined {
  try {
    const document: Partial<NetworkDocument> = JSON.parse(text);
    return document.services && document.allowed ? (document as NetworkDocument) : undefined;
  } catch {
    return undefined;
  }
}

/** Who is on a network, whom each may reach, and what leads to it from outside. */
export function renderNetwork({ name, subnet, subnet6, services, allowed }: NetworkDocument): string[] {
  const reaches = (from: string) =>
    allowed
      .filter((rule) => nameOf(rule.from) === from)
      .map(({ to, ports }) => [nameOf(to), ...ports].join(' '))
      .join('; ') || '-';
  const rows = services.map((service) => [
    service.names.join(', '),
    service.address,
    service.address6,
    reaches(service.name),
    service.published.map((port) => `${showPublished(port)} -> ${port.container}`).join('; ') || '-',
  ]);
  const known = new Set(services.map((service) => service.name));
  const others = [...new Set(allowed.map(({ from }) => nameOf(from)))].filter((from) => !known.has(from));
  const strangers = others.map((from) => [from, '-', '-', reaches(from), '-']);
  return [
    `network ${name}  ${subnet}  ${subnet6}`,
    ...table([['NAME', 'ADDRESS', 'IPV6', 'REACHES', 'PUBLISHED'], ...rows, ...strangers]),
  ];
}

/** The host and the internet, by names that no service can have. */
function nameOf(party: PartyDocument): string {
  return typeof party === 'string' ? `(${party})` : party.service;
}

/** The same networks as one graph for Mermaid, which GitHub and others draw. */
export function renderMermaid(networks: readonly NetworkDocument[]): string[] {
  const ids = new Map<string, string>();
  const idOf = (key: string) => {
    const id = ids.get(key) ?? `n${ids.size}`;
    ids.set(key, id);
    return id;
  };
  const groups = networks.flatMap(({ name, subnet, services }) => [
    `  subgraph ${idOf(`network ${name}`)} ["${name} ${subnet}"]`,
    ...services.map((service) => `    ${idOf(service.name)}["${service.name}<br>${service.address}"]`),
    '  end',
  ]);
  const outside = networks.some(({ services }) => services.some(({ published }) => published.length > 0));
  const parties = new Set(
    networks.flatMap(({ allowed }) => allowed.flatMap(({ from, to }) => [nameOf(from), nameOf(to)])),
  );
  const strangers = [...parties].filter((party) => !ids.has(party));
  const nodes = [...strangers, ...(outside ? ['(outside)'] : [])].map(
    (party) => `  ${idOf(party)}(("${party.replace(/^\(|\)$/g, '')}"))`,
  );
  const edge = (from: string, to: string, words: readonly string[]) =>
    `  ${idOf(from)} -->${words.length > 0 ? `|"${words.join('<br>')}"|` : ''} ${idOf(to)}`;
  const edges = networks.flatMap(({ services, allowed }) => [
    ...services
      .filter(({ published }) => published.length > 0)
      .map(({ name, published }) => edge('(outside)', name, published.map(showPublished))),
    ...allowed.map(({ from, to, ports }) => edge(nameOf(from), nameOf(to), ports)),
  ]);
  return ['flowchart LR', ...groups, ...nodes, ...new Set(edges)];
}

import {
  address6Of,
  type Member,
  type NetworkModel,
  type PortRange,
  type PublishedPort,
  parseSubnet,
  type Subnet,
} from '../../lib/network';

const SUBNET6 = 'fd12:3456:789a:1::/64';

/** A service whose address ends with a number. */
export function member(name: string, last: number, published: readonly PublishedPort[] = []): Member {
  const address = `10.77.0.${last}`;
  const address6 = address6Of(address, parseSubnet(SUBNET6) as Subnet);
  return { name, names: [name], address, address6, published };
}

export const tcp = (first: number, last = first): PortRange => ({
  protocol: 'tcp',
  first: `${first}`,
  last: `${last}`,
});
export const udp = (port: number): PortRange => ({ ...tcp(port), protocol: 'udp' });

export function network(members: readonly Member[], rules: NetworkModel['rules'] = []): NetworkModel {
  return { name: 'shop', subnet: '10.77.0.0/16', subnet6: SUBNET6, members, rules };
}

const outside: Member = { ...member('log', 9), address: '10.64.0.9', address6: 'fd99::9' };

/** A network with a rule of every sort. */
export function everything(): NetworkModel {
  const db = member('db', 2);
  const api = member('api', 3, [{ protocol: 'udp', host: '53', container: '5353' }]);
  const web = member('web', 4, [
    { protocol: 'tcp', host: '80', container: '8080', from: ['10.0.0.0/8', '10.1.0.0/16', 'fd00::/8'] },
    { protocol: 'tcp', ip: '127.0.0.1', host: '81', container: '8081' },
    { protocol: 'tcp', ip: '2001:db8::1', host: '82', container: '8082', from: ['2001:db8::/32'] },
  ]);
  return network(
    [db, api, web],
    [
      { from: api, to: db, ports: tcp(5432) },
      { from: web, to: api, ports: tcp(8000, 8010) },
      { from: web, to: api, ports: udp(53) },
      { from: web, to: outside, ports: udp(514) },
      { from: outside, to: web, ports: tcp(8080) },
      { from: 'host', to: db, ports: tcp(5432) },
      { from: api, to: 'host', ports: tcp(25) },
      { from: web, to: 'internet' },
    ],
  );
}

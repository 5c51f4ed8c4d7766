import { memberRules } from '../../lib/network';
import { everything, member, network, tcp } from './models';

const { members, rules } = everything();
const rulesOf = (name: string) => {
  const found = members.find((other) => other.name === name);
  return memberRules(network(members, rules), found ?? member(name, 99));
};
/** Lines of a chain that accept or refuse IPv4. */
const chain = (text: string, name: string) =>
  new RegExp(`chain ${name} \\{\\n([^}]*\\}?[^}]*\\}?.*?)\\n\\t\\}`, 's')
    .exec(text)?.[1]
    ?.split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(?:ip |meta nfproto ipv4)/.test(line));

test('a service takes what others may send it, from neighbours by their address', () => {
  expect(chain(rulesOf('db'), 'input')).toEqual([
    'ip saddr . meta l4proto . th dport { 10.77.0.3 . tcp . 5432 } accept',
    'ip saddr 10.77.0.0/16 jump refuse',
    'meta nfproto ipv4 meta l4proto . th dport { tcp . 5432 } accept',
  ]);
});

test('a service that may call nobody sends nothing but answers', () => {
  expect(chain(rulesOf('db'), 'output')).toEqual(['ip daddr 10.77.0.0/16 jump refuse']);
});

test('a service sends to the ports that it may call, and to those of the host that lead there', () => {
  expect(chain(rulesOf('api'), 'output')).toEqual([
    'ip daddr . meta l4proto . th dport { 10.77.0.2 . tcp . 5432 } accept',
    'ip daddr 10.77.0.0/16 jump refuse',
    'meta nfproto ipv4 meta l4proto . th dport { tcp . 25, udp . 53 } accept',
  ]);
});

test('a service that may leave the host sends anywhere but to the neighbours that it may not call', () => {
  expect(chain(rulesOf('web'), 'output')).toEqual([
    'ip daddr . meta l4proto . th dport { 10.64.0.9 . udp . 514, 10.77.0.3 . tcp . 8000-8010, 10.77.0.3 . udp . 53 } accept',
    'ip daddr 10.77.0.0/16 jump refuse',
    'meta nfproto ipv4 accept',
  ]);
});

test('ports of several rules for the host come to ranges that do not overlap', () => {
  const db = member('db', 2, [{ protocol: 'tcp', host: '1', container: '5' }]);
  const text = memberRules(network([db], [{ from: 'host', to: db, ports: tcp(1, 10) }]), db);
  expect(text).toContain('meta l4proto . th dport { tcp . 1-10 } accept');
});

import { hostRules, linkGroup } from '../../lib/network';
import { everything, member, network, tcp } from './models';

/** Elements of the sets and maps of a table, by name. */
function sets(text: string): Record<string, string[]> {
  const found = [...text.matchAll(/^\t(?:set|map) (\w+) \{.*?(?:elements = \{ (.*?) \})? \}$/gm)];
  return Object.fromEntries(found.map(([, name = '', elements]) => [name, elements?.split(', ') ?? []]));
}

test('each rule is an element of the set that is looked up for it, in both versions of IP', () => {
  const { allowed4, allowed6, allowedranges4, fromhost4, tohost6, internet4, internet6 } = sets(
    hostRules(everything()),
  );
  expect(allowed4).toEqual([
    '10.64.0.9 . 10.77.0.4 . tcp . 8080 : accept',
    '10.77.0.3 . 10.77.0.2 . tcp . 5432 : accept',
    '10.77.0.4 . 10.64.0.9 . udp . 514 : accept',
    '10.77.0.4 . 10.77.0.3 . udp . 53 : accept',
  ]);
  expect(allowed6).toContain('fd12:3456:789a:1::a4d:3 . fd12:3456:789a:1::a4d:2 . tcp . 5432 : accept');
  expect(allowedranges4).toEqual(['10.77.0.4 . 10.77.0.3 . tcp . 8000-8010 : accept']);
  expect(fromhost4).toEqual(['10.77.0.2 . tcp . 5432 : accept']);
  expect(tohost6).toEqual(['fd12:3456:789a:1::a4d:3 . tcp . 25 : accept']);
  expect(internet4).toEqual(['10.77.0.4']);
  expect(internet6).toEqual(['fd12:3456:789a:1::a4d:4']);
});

test('each link may send from the address of its own service alone', () => {
  const { owned4, owned6 } = sets(hostRules(everything()));
  expect(owned4).toEqual(['"bh-api" . 10.77.0.3', '"bh-db" . 10.77.0.2', '"bh-web" . 10.77.0.4']);
  expect(owned6).toContain('"bh-web" . fd12:3456:789a:1::a4d:4');
});

test('a published port leads on from the addresses and networks that it is for', () => {
  const { published4, published6, bound4, bound6, boundlocal4, boundlocal6, targets4 } = sets(hostRules(everything()));
  expect(published4).toEqual(['udp . 53 : 10.77.0.3 . 5353']);
  expect(published6).toEqual(['udp . 53 : fd12:3456:789a:1::a4d:3 . 5353']);
  expect(bound4).toEqual([
    '0.0.0.0/0 . 127.0.0.1 . tcp . 81 : 10.77.0.4 . 8081',
    '10.0.0.0/8 . 0.0.0.0/0 . tcp . 80 : 10.77.0.4 . 8080',
  ]);
  expect(bound6).toEqual([
    '2001:db8::/32 . 2001:db8::1 . tcp . 82 : fd12:3456:789a:1::a4d:4 . 8082',
    'fd00::/8 . ::/0 . tcp . 80 : fd12:3456:789a:1::a4d:4 . 8080',
  ]);
  expect(boundlocal4).toEqual(['0.0.0.0/0 . tcp . 80 : 10.77.0.4 . 8080', '127.0.0.1 . tcp . 81 : 10.77.0.4 . 8081']);
  expect(boundlocal6).toEqual([
    '2001:db8::1 . tcp . 82 : fd12:3456:789a:1::a4d:4 . 8082',
    '::/0 . tcp . 80 : fd12:3456:789a:1::a4d:4 . 8080',
  ]);
  expect(targets4).toEqual(['10.77.0.3 . udp . 5353', '10.77.0.4 . tcp . 8080', '10.77.0.4 . tcp . 8081']);
});

test('a table replaces itself as a whole, and looks at the links of its own network alone', () => {
  const text = hostRules(network([]));
  expect(text).toMatch(/^table inet bulkhead-shop\ndelete table inet bulkhead-shop\ntable inet bulkhead-shop \{\n/);
  expect(text).not.toContain('elements');
  expect(text.match(/i?o?ifgroup (?:!= )?(\d+)/g)?.every((match) => match.endsWith(` ${linkGroup('shop')}`))).toBe(
    true,
  );
});

test('its chains stay the same however many services there are', () => {
  const chains = (text: string) => text.slice(text.indexOf('\tchain'));
  const members = Array.from({ length: 100 }, (_, index) => member(`s${index}`, index + 1));
  const rules = members.slice(1).map((from) => ({ from, to: members[0] as (typeof members)[0], ports: tcp(80) }));
  expect(chains(hostRules(network(members, rules)))).toBe(chains(hostRules(network([]))));
});

test('rules in another order make the same table', () => {
  const { members, rules } = everything();
  expect(hostRules(network([...members].reverse(), [...rules].reverse()))).toBe(hostRules(network(members, rules)));
});

import { guestBatches, guestRules, linkBatches, memberRules } from '../../lib/network';
import { everything, member, network } from './models';

const { members, rules } = everything();
const api = members.find(({ name }) => name === 'api') ?? member('api', 99);
const text = guestRules(network(members, rules), api);
const accepting = (of: string) => of.split('\n').filter((line) => / accept$/.test(line) && /th dport/.test(line));

test('the namespace of a guest routes to it, and has no address that others reach', () => {
  const web = member('web', 4);
  const { link, inside } = guestBatches('shop', web);
  expect(link.startsWith(linkBatches('shop', web).link)).toBe(true);
  expect(link).toMatch(/neighbor replace 10\.77\.0\.4 lladdr 06:\S+ dev bh-web nud permanent\n/);
  expect(inside).toContain('tuntap add dev tap0 mode tap\n');
  expect(inside).toContain('address add 169.254.1.2/32 dev tap0\naddress add fe80::2/64 dev tap0 nodad\n');
  expect(inside).toContain('route add 10.77.0.4/32 dev tap0\n');
  expect(inside).toMatch(/neighbor replace 10\.77\.0\.4 lladdr 0a:\S+ dev tap0 nud permanent\n/);
  expect(inside).not.toContain('address add 10.77.0.4');
});

test('the rules of a guest are those of any other service, for what passes its namespace', () => {
  const passing = accepting(text).map((line) => line.replace(/^\s*[io]ifname "tap0" /, '').trim());
  expect(passing.length).toBeGreaterThan(2);
  expect(passing.sort()).toEqual(
    accepting(memberRules(network(members, rules), api))
      .map((line) => line.trim())
      .sort(),
  );
});

test('a guest speaks from its own address alone', () => {
  expect(text).toContain(`iifname "tap0" ip saddr != ${api.address} drop`);
  expect(text).toContain(`iifname "tap0" ip6 saddr != ${api.address6} drop`);
});

test('a guest reaches nothing in its namespace, which reaches the guest alone', () => {
  const chain = (name: string) => text.split(`chain ${name} {`)[1]?.split('\n\t}')[0] ?? '';
  expect(chain('input')).toContain('jump refuse');
  expect(chain('input')).not.toContain('th dport');
  expect(chain('output')).toContain('oifname { "lo", "tap0" } accept');
  expect(chain('output')).toContain('jump refuse');
});

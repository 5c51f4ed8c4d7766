import { linkBatches } from '../../lib/network';
import { member } from './models';

test('a namespace has one link to the host, whose address is a route to that link alone', () => {
  const { clean, link, inside } = linkBatches('shop', member('web', 4));
  expect(clean).toBe('link delete bh-web\nnetns delete bh-web\n');
  expect(link).toMatch(
    /^netns add bh-web\nlink add bh-web group \d+ address 02:\S+ type veth peer name eth0 address 06:\S+ netns bh-web\n/,
  );
  expect(link).toContain('route add 10.77.0.4/32 dev bh-web\nroute add fd12:3456:789a:1::a4d:4/128 dev bh-web\n');
  expect(inside).toContain('route add default via 169.254.1.1 dev eth0 src 10.77.0.4\n');
  expect(inside).toContain('route add default via fe80::1 dev eth0 src fd12:3456:789a:1::a4d:4\n');
});

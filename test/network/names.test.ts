import { hardwareAddresses, linkGroup, linkName, namespacePath } from '../../lib/network';

test('a link is called as its service when the kernel takes that, else by a digest', () => {
  expect(linkName('web')).toBe('bh-web');
  expect(linkName('twelve-chars')).toBe('bh-twelve-chars');
  expect(linkName('thirteen-char')).toMatch(/^bh-[0-9a-f]{8}$/);
  expect(namespacePath('web')).toBe('/run/netns/bh-web');
});

test('links of two networks are of two groups, of which none is the default one', () => {
  expect(linkGroup('shop')).not.toBe(linkGroup('blog'));
  expect(linkGroup('shop')).toBeGreaterThan(0);
});

test('hardware addresses are for one station each, and locally administered', () => {
  const { host, inside } = hardwareAddresses('bh-web');
  expect(host).toMatch(/^02(?::[0-9a-f]{2}){5}$/);
  expect(inside).toBe(host.replace('02:', '06:'));
});

import { atEachHost, byHost } from '../../lib/cli/each-host';
import { connect } from '../../lib/transport';

const [first, second] = [connect({ address: 'local' }), connect({ address: 'local' })];
const targets = [
  { stack: 'shop', transport: first },
  { stack: 'shop', transport: second },
  { stack: 'blog', transport: first },
];

test('stacks of one connection are on one host', () => {
  expect([...byHost(targets).values()].map((here) => here.map(({ stack }) => stack))).toEqual([
    ['shop', 'blog'],
    ['shop'],
  ]);
});

test('one look at a host gives results for all of its stacks, in the order of the targets', async () => {
  const looks: string[][] = [];
  const results = await atEachHost(targets, async (transport, here) => {
    looks.push(here.map(({ stack }) => stack));
    return here.map(({ stack }) => `${stack} on ${transport === first ? 'first' : 'second'}`);
  });
  expect(looks).toEqual([['shop', 'blog'], ['shop']]);
  expect(results).toEqual(['shop on first', 'shop on second', 'blog on first']);
});

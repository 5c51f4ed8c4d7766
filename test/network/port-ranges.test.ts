import { mergePorts, showPorts } from '../../lib/network';
import { tcp, udp } from './models';

test('ranges that overlap become one, of each protocol by itself', () => {
  const merged = mergePorts([tcp(80), tcp(8000, 8010), tcp(8005, 8020), tcp(8001), udp(80), tcp(80)]);
  expect(merged.map(showPorts)).toEqual(['tcp 80', 'tcp 8000-8020', 'udp 80']);
});

test('a token stays as it is, once', () => {
  const token = { protocol: 'tcp', first: '${TfToken}', last: '${TfToken}' } as const;
  expect(mergePorts([token, tcp(80), token])).toEqual([token, tcp(80)]);
});

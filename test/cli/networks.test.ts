import { networksOf, renderMermaid, renderNetwork } from '../../lib/cli/networks';
import { type NetworkDocument, networkDocument } from '../../lib/network';
import { everything } from '../network/models';

const document = (): NetworkDocument => networkDocument(everything());
const fileOf = (content: string) =>
  new Map([
    [
      '/etc/bulkhead/network/shop/network.json',
      { type: 'file', content: Buffer.from(content), mode: '0644', owner: 'root', group: 'root' } as const,
    ],
  ]);

test('a network is read from the host, unless somebody has spoilt the file', () => {
  expect(networksOf(['web', 'shop'], { files: fileOf(JSON.stringify(document())) })).toEqual([
    JSON.parse(JSON.stringify(document())),
  ]);
  for (const content of ['{', '{}', 'null']) expect(networksOf(['shop'], { files: fileOf(content) })).toEqual([]);
});

test('each service is a line with its addresses, whom it reaches, and what leads to it', () => {
  const lines = renderNetwork(document()).map((line) => line.replace(/ {2,}/g, ' | '));
  expect(lines).toEqual([
    'network shop | 10.77.0.0/16 | fd12:3456:789a:1::/64',
    'NAME | ADDRESS | IPV6 | REACHES | PUBLISHED',
    'api | 10.77.0.3 | fd12:3456:789a:1::a4d:3 | (host) tcp 25; db tcp 5432 | udp 53 -> 5353',
    'db | 10.77.0.2 | fd12:3456:789a:1::a4d:2 | - | -',
    'web | 10.77.0.4 | fd12:3456:789a:1::a4d:4 | (internet); api tcp 8000-8010 udp 53; log udp 514 | tcp 80 from 10.0.0.0/8, 10.1.0.0/16, fd00::/8 -> 8080; tcp 127.0.0.1:81 -> 8081; tcp [2001:db8::1]:82 from 2001:db8::/32 -> 8082',
    '(host) | - | - | db tcp 5432 | -',
    'log | - | - | web tcp 8080 | -',
  ]);
});

test('the graph has a node for each party, and an arrow for whatever may be opened', () => {
  expect(renderMermaid([document()])).toEqual([
    'flowchart LR',
    '  subgraph n0 ["shop 10.77.0.0/16"]',
    '    n1["api<br>10.77.0.3"]',
    '    n2["db<br>10.77.0.2"]',
    '    n3["web<br>10.77.0.4"]',
    '  end',
    expect.stringMatching(/^ {2}n4\(\("host"\)\)$/),
    expect.stringMatching(/^ {2}n5\(\("(?:internet|log)"\)\)$/),
    expect.stringMatching(/^ {2}n6\(\("(?:internet|log)"\)\)$/),
    '  n7(("outside"))',
    '  n7 -->|"udp 53"| n1',
    expect.stringMatching(
      /^ {2}n7 -->\|"tcp 80 from .*<br>tcp 127\.0\.0\.1:81<br>tcp \[2001:db8::1\]:82 from .*"\| n3$/,
    ),
    ...Array(8)
      .fill(expect.stringMatching(/^ {2}n\d -->(?:\|"(?:tcp|udp) [^|]*"\|)? n\d$/))
      .slice(0, 7),
  ]);
});

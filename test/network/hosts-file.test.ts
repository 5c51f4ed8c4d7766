import { hostsFile } from '../../lib/network';
import { member, tcp, udp } from './models';

test('a service knows itself and what it may call by name, and nothing else', () => {
  const [db, web] = [{ ...member('db', 2), names: ['db', 'postgres'] }, member('web', 4)];
  const other = member('other', 5);
  const rules = [
    { from: web, to: db, ports: tcp(5432) },
    { from: web, to: db, ports: udp(53) },
    { from: other, to: web, ports: tcp(80) },
    { from: web, to: 'internet' as const },
  ];
  expect(hostsFile(rules, web)).toBe(
    [
      '127.0.0.1 localhost',
      '::1 localhost ip6-localhost ip6-loopback',
      '10.77.0.4 web',
      'fd12:3456:789a:1::a4d:4 web',
      '10.77.0.2 db postgres',
      'fd12:3456:789a:1::a4d:2 db postgres',
      '',
    ].join('\n'),
  );
});

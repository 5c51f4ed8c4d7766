import { parseSubnet, type Subnet } from '../../network/index';
import { fail } from '../problem';

/** Checks an IPv4 network that is large enough for services. @throws Error */
export function checkSubnet(value: string, at: string): Subnet {
  const subnet = typeof value === 'string' ? parseSubnet(value) : undefined;
  if (subnet?.version === 4 && subnet.length >= 8 && subnet.length <= 29) return subnet;
  return fail({
    action: 'use subnet',
    value,
    problem: 'is not an IPv4 network',
    expected: 'its first address and a length of 8 to 29, such as "10.77.0.0/16"',
    at,
  });
}

/** Checks an IPv6 network whose last 32 bits are free. @throws Error */
export function checkSubnet6(value: string, at: string): Subnet {
  const subnet = typeof value === 'string' ? parseSubnet(value) : undefined;
  if (subnet?.version === 6 && subnet.length <= 96) return subnet;
  return fail({
    action: 'use subnet',
    value,
    problem: 'is not an IPv6 network with room for 32 bits',
    expected: 'its first address and a length of at most 96, such as "fd12:3456:789a:1::/64"',
    at,
  });
}

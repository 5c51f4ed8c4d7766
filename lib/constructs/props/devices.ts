import { fail } from '../problem';

/** Checks the path of a device node on the host. @throws Error */
export function checkDevice(device: string, at: string): string {
  if (typeof device === 'string' && /^\/dev\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\s:]*[^\s:/]$/.test(device)) return device;
  return fail({
    action: 'give access to',
    value: device,
    problem: 'is not a device node',
    expected: 'a path such as /dev/fuse',
    at,
  });
}

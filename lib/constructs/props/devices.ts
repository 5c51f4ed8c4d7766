import { fail } from '../problem';

/** A device node of the host. @throws Error for what is not one */
export function checkDevice(device: string, at: string): string {
  if (typeof device === 'string' && /^\/dev\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\s:]*[^\s:/]$/.test(device)) return device;
  return fail({
    action: 'give access to',
    value: device,
    problem: 'is no device node',
    expected: 'a path such as /dev/fuse',
    at,
  });
}

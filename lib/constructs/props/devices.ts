import { fail } from '../problem';

const DEVICE = /^\/dev\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\s:]*[^\s:/]$/;

/** Checks a `devices` prop: paths of device nodes on the host. @throws Error */
export function checkDevices(devices: readonly string[] = [], at: string): readonly string[] {
  for (const [index, device] of devices.entries()) {
    if (typeof device === 'string' && DEVICE.test(device)) continue;
    fail({
      action: 'give access to',
      value: device,
      problem: 'is not a device node',
      expected: 'a path such as /dev/fuse',
      at: `${at}.devices[${index}]`,
    });
  }
  return devices;
}

import { createHash } from 'node:crypto';
import { INSTANCE_POOL } from '../../manifest/index';
import { GATEWAY } from '../../network/index';
import type { NetworkFile } from '../network/network-access';
import type { OwnLink } from '../network/own-link';
import { fail } from '../problem';
import type { DirectiveSet } from '../props/directive-set';
import type { Volume } from '../props/volumes';
import { line } from './lxc-lines';
import { SCRIPT_PATH } from './start-script';

export interface DeviceParts {
  readonly volumes: readonly Volume[];
  readonly link: OwnLink | undefined;
  /** Whether the instance has its own users. */
  readonly mapped: boolean;
}

/** Devices of an instance from its props. */
export function deviceDirectives(set: DirectiveSet, { volumes, link, mapped }: DeviceParts): void {
  set
    .defaults('devices', { root: { type: 'disk', path: '/', pool: INSTANCE_POOL }, eth0: link && routed(link) })
    .prop('volumes', 'devices', Object.fromEntries(volumes.map((volume) => [nameOf(volume), disk(volume, mapped)])));
}

/** Files of the network. They exist once the unit has started. */
export function networkDevices(files: readonly NetworkFile[]): Record<string, object> {
  const entries = files.map(({ source, target }) => {
    const device = { type: 'disk', source, path: target, readonly: true, required: false };
    return [`network-${target.slice(target.lastIndexOf('/') + 1)}`, device];
  });
  return Object.fromEntries(entries);
}

/** The script that starts the program. It exists once the unit has started. */
export function scriptDevice(source: string): Record<string, object> {
  return { start: { type: 'disk', source, path: SCRIPT_PATH, readonly: true, required: false } };
}

/** A link of the instance, over which only its own addresses are routed. */
function routed({ name, hardwareAddress, address, address6 }: OwnLink): object {
  return {
    type: 'nic',
    nictype: 'routed',
    name: 'eth0',
    host_name: name,
    hwaddr: hardwareAddress,
    'ipv4.address': address,
    'ipv4.host_address': GATEWAY.address,
    'ipv6.address': address6,
    'ipv6.host_address': GATEWAY.address6,
  };
}

// Files of constructs belong to root of the host, and are not mapped.
function disk({ source, target, readOnly, from, at }: Volume, mapped: boolean): object {
  return {
    type: 'disk',
    source: line(source, 'source', at),
    path: checkTarget(target, at),
    ...(readOnly ? { readonly: true } : {}),
    ...(mapped && from === undefined ? { shift: true } : {}),
  };
}

/** Checks a path in an instance. The engine writes it in a line of the form of fstab(5). @throws Error */
function checkTarget(target: string, at: string): string {
  if (!/[\t\\]/.test(line(target, 'target', at))) return target;
  return fail({
    action: 'mount on',
    value: target,
    problem: 'has a tab or a backslash, which LXC reads as another character',
    expected: 'a path without tabs and backslashes',
    at: `${at}.target`,
  });
}

/** Name of a volume's device. It shows the target, as far as device names allow. */
function nameOf({ target }: Volume): string {
  const name = `volume${target.replaceAll('/', '-')}`;
  const isPlain = /^[A-Za-z0-9-]{1,27}$/.test(name) && !target.includes('-');
  return isPlain ? name : `volume-${createHash('sha256').update(target).digest('hex').slice(0, 12)}`;
}

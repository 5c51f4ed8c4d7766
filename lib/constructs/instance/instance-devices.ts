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
  /** Device nodes of the host. */
  readonly nodes: readonly string[];
}

/** Devices of an instance from its props. */
export function deviceDirectives(set: DirectiveSet, { volumes, link, mapped, nodes }: DeviceParts): void {
  set
    .defaults('devices', { root: { type: 'disk', path: '/', pool: INSTANCE_POOL }, eth0: link && routed(link) })
    .prop(
      'volumes',
      'devices',
      Object.fromEntries(volumes.map((volume) => [deviceName('volume', volume.target), disk(volume, mapped)])),
    )
    .prop('devices', 'devices', Object.fromEntries(nodes.map((path) => [deviceName('node', path), node(path)])));
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

/** Names of disks on Linux. Only the host knows what a node is, but the engine asks for its type. */
const DISK =
  /^\/dev\/(?:(?:sd|vd|xvd|hd|loop|md|dm-|nbd|rbd|sr|zram|zd|ram|nvme\d+n|mmcblk|pmem|bcache|drbd)[a-z0-9p]*|mapper\/(?!control$).*|disk\/.*|md\/.*)$/;

function node(path: string): object {
  return { type: DISK.test(path) ? 'unix-block' : 'unix-char', source: path, path };
}

/** Name of a device. It shows the path in the instance, as far as device names allow. */
function deviceName(kind: 'volume' | 'node', path: string): string {
  const name = `${kind}${path.replaceAll('/', '-')}`;
  const isPlain = /^[A-Za-z0-9-]{1,27}$/.test(name) && !path.includes('-');
  return isPlain ? name : `${kind}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

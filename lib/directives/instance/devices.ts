import { bool, like, type ObjectOf, oneOf, type Schema, text, unsigned } from '../oci/schema';

const path = like(/^\//);
const mode = like(/^0?[0-7]{3,4}$/);
const unix = {
  path,
  source: path,
  major: unsigned,
  minor: unsigned,
  uid: unsigned,
  gid: unsigned,
  mode,
  required: bool,
};
const usb = { vendorid: text, productid: text, uid: unsigned, gid: unsigned, mode, required: bool };

const nic = {
  name: text,
  network: text,
  nictype: oneOf('bridged', 'ipvlan', 'macvlan', 'p2p', 'physical', 'routed', 'sriov'),
  parent: text,
  host_name: text,
  hwaddr: like(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i),
  mtu: unsigned,
  vlan: text,
  mode: text,
  gvrp: bool,
  'boot.priority': unsigned,
  'ipv4.address': text,
  'ipv4.gateway': text,
  'ipv4.host_address': text,
  'ipv4.host_table': unsigned,
  'ipv4.neighbor_probe': bool,
  'ipv4.routes': text,
  'ipv4.routes.external': text,
  'ipv6.address': text,
  'ipv6.gateway': text,
  'ipv6.host_address': text,
  'ipv6.host_table': unsigned,
  'ipv6.neighbor_probe': bool,
  'ipv6.routes': text,
  'ipv6.routes.external': text,
  'limits.egress': text,
  'limits.ingress': text,
  'limits.max': text,
  'limits.priority': unsigned,
  'queue.tx.length': unsigned,
  'security.acls': text,
  'security.ipv4_filtering': bool,
  'security.ipv6_filtering': bool,
  'security.mac_filtering': bool,
  'security.port_isolation': bool,
} as const;

/** Keys of each device type. @see https://linuxcontainers.org/incus/docs/main/reference/devices/ */
export const INSTANCE_DEVICES = {
  disk: {
    path,
    source: text,
    pool: text,
    size: text,
    'size.state': text,
    readonly: bool,
    recursive: bool,
    required: bool,
    shift: bool,
    propagation: oneOf('private', 'shared', 'slave', 'unbindable', 'rshared', 'rslave', 'runbindable', 'rprivate'),
    'raw.mount.options': text,
    'boot.priority': unsigned,
    'io.bus': text,
    'io.cache': text,
    'limits.max': text,
    'limits.read': text,
    'limits.write': text,
  },
  nic,
  'unix-block': unix,
  'unix-char': unix,
  'unix-hotplug': usb,
  usb,
  gpu: {
    gputype: oneOf('physical', 'mdev', 'mig', 'sriov'),
    id: text,
    mdev: text,
    'mig.ci': unsigned,
    'mig.gi': unsigned,
    'mig.uuid': text,
    pci: text,
    vendorid: text,
    productid: text,
    uid: unsigned,
    gid: unsigned,
    mode,
  },
  infiniband: { name: text, nictype: oneOf('physical', 'sriov'), parent: text, hwaddr: text, mtu: unsigned },
  pci: { address: text },
  proxy: {
    listen: text,
    connect: text,
    bind: oneOf('host', 'instance'),
    nat: bool,
    proxy_protocol: bool,
    uid: unsigned,
    gid: unsigned,
    mode,
    'security.uid': unsigned,
    'security.gid': unsigned,
  },
  tpm: { path, pathrm: path },
  none: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, Schema>>>>;

type Devices = typeof INSTANCE_DEVICES;

/** A device of an instance: its `type`, and the keys of that type. */
export type InstanceDevice = {
  readonly [T in keyof Devices]: { readonly type: T } & ObjectOf<Devices[T], never>;
}[keyof Devices];

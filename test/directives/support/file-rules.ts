import type { Format } from '../../../lib/directives';

/** A file that breaks one rule about files as a whole, and one near it that does not. */
export interface RuleSample {
  readonly format: Format;
  /** `Section.Key` of the problem. */
  readonly key: string;
  readonly refused: object;
  readonly accepted: object;
  /** First version of podman that has the keys. @default - the one of the practice host */
  readonly podman?: string;
}

const Image = 'localhost/x:1';
const ExecStart = ['/bin/true'];
const Parameters = ['/bin/echo', 'said'];
const SESSION = { PAMName: 'login', KillMode: 'process' };
const Addresses = { Address: '192.0.2.1', MACAddress: '00:00:5e:00:53:01' };
const TBF = { Rate: '1M', BurstBytes: '5K', LimitBytes: '1M' };
const Send = { Network: { IPv6SendRA: true } };
const SOCKET = { ListenStream: '/run/x' };

type Row = readonly [key: string, refused: object, accepted: object];

const rows = (format: Format, samples: readonly Row[]): RuleSample[] =>
  samples.map(([key, refused, accepted]) => ({ format, key, refused, accepted }));
const newer = (podman: string, samples: readonly Row[]): RuleSample[] =>
  rows('quadlet', samples).map((sample) => ({ ...sample, podman }));
/** The same for files with the same sections: each is given by the keys of the one in question. */
const inSection = (name: string, common: object, samples: readonly Row[]): Row[] =>
  samples.map(([key, refused, accepted]) => [
    `${name}.${key}`,
    { [name]: { ...common, ...refused } },
    { [name]: { ...common, ...accepted } },
  ]);
/** For [Service] of a Quadlet file. */
const withService = (file: object, samples: readonly Row[]): Row[] =>
  samples.map(([key, refused, accepted]) => [
    `Service.${key}`,
    { ...file, Service: refused },
    { ...file, Service: accepted },
  ]);

const REMAP: readonly Row[] = [
  ['RemapUid', { RemapUid: '0:1:2' }, { RemapUid: '0:1:2', RemapUsers: 'auto' }],
  ['RemapGid', { RemapGid: '0:1:2' }, { RemapGid: '0:1:2', RemapUsers: 'auto' }],
  ['RemapUidSize', { RemapUidSize: 5 }, { RemapUidSize: 5, RemapUsers: 'auto' }],
  ['RemapUidSize', { RemapUidSize: 5, RemapUsers: 'keep-id' }, { RemapUsers: 'keep-id' }],
  ['RemapUid', { RemapUid: ['1', '2'], RemapUsers: 'keep-id' }, { RemapUid: '1', RemapUsers: 'keep-id' }],
  ['RemapGid', { RemapGid: ['1', '2'], RemapUsers: 'keep-id' }, { RemapGid: '1', RemapUsers: 'keep-id' }],
  ['RemapUsers', { RemapUsers: 'auto', UserNS: 'host' }, { UserNS: 'host' }],
];

const OWN: readonly Row[] = [
  ['User', { User: 'nobody' }, {}],
  ['Group', { Group: 'nogroup' }, {}],
  ['DynamicUser', { DynamicUser: true }, {}],
];
const COMMAND: readonly Row[] = [['ExecStart', { ExecStart }, { ExecStartPre: ExecStart }]];

const ONESHOT: readonly Row[] = [
  ['Restart', { Restart: 'always' }, { Restart: 'on-failure' }],
  ['ExecStart', { ExecStart, Type: 'exec' }, { ExecStart }],
  ['RuntimeMaxSec', { RuntimeMaxSec: 5 }, { TimeoutStartSec: 5 }],
];

/** Every rule about files as a whole. */
export const RULE_SAMPLES: readonly RuleSample[] = [
  ...rows('unit', [
    ...inSection('Timer', {}, [
      ['OnCalendar', { AccuracySec: 5 }, { AccuracySec: 5, OnCalendar: 'daily' }],
      ['OnCalendar', { OnClockChange: false }, { OnClockChange: true }],
      ['OnCalendar', { OnTimezoneChange: false }, { OnTimezoneChange: true }],
      ['OnUnitActiveSec', { OnUnitActiveSec: '1h' }, { OnUnitActiveSec: '1h', OnActiveSec: '2h' }],
      ['OnUnitInactiveSec', { OnUnitInactiveSec: '1h' }, { OnUnitInactiveSec: '1h', OnBootSec: '900h' }],
      ['OnUnitActiveSec', { OnUnitActiveSec: '1h' }, { OnUnitActiveSec: '1h', OnStartupSec: '900h' }],
      ['OnUnitActiveSec', { OnUnitActiveSec: '1h' }, { OnUnitActiveSec: '1h', OnClockChange: true }],
      ['Persistent', { Persistent: true, OnBootSec: '900h' }, { Persistent: true, OnCalendar: 'yearly' }],
      [
        'DeferReactivation',
        { DeferReactivation: true, OnBootSec: '900h' },
        { DeferReactivation: true, OnCalendar: '*:0' },
      ],
      [
        'FixedRandomDelay',
        { FixedRandomDelay: true, OnCalendar: 'yearly' },
        { FixedRandomDelay: true, RandomizedDelaySec: '1h', OnCalendar: 'yearly' },
      ],
    ]),
    ...inSection('Service', { ExecStart }, [
      ['Restart', { Type: 'oneshot', Restart: 'always' }, { Type: 'oneshot', Restart: 'on-failure' }],
      ['Restart', { Type: 'oneshot', Restart: 'on-success' }, { Type: 'oneshot', Restart: 'on-abnormal' }],
      ['ExitType', { Type: 'oneshot', ExitType: 'cgroup' }, { Type: 'oneshot', ExitType: 'main' }],
      ['RuntimeMaxSec', { Type: 'oneshot', RuntimeMaxSec: 5 }, { Type: 'oneshot', RuntimeMaxSec: 'infinity' }],
      ['BusName', { Type: 'dbus' }, { Type: 'dbus', BusName: 'com.example.X' }],
      ['KillMode', SESSION, { ...SESSION, KillMode: 'mixed' }],
      ['PrivatePIDs', { Type: 'forking', PrivatePIDs: true }, { Type: 'exec', PrivatePIDs: true }],
      ['RestartSteps', { RestartSteps: 5 }, { RestartSteps: 5, RestartMaxDelaySec: 50 }],
      ['RestartMaxDelaySec', { RestartMaxDelaySec: 50 }, { RestartMaxDelaySec: 'infinity', RestartSteps: 0 }],
      [
        'RuntimeRandomizedExtraSec',
        { RuntimeRandomizedExtraSec: 5 },
        { RuntimeRandomizedExtraSec: 5, RuntimeMaxSec: 5 },
      ],
    ]),
    ...inSection('Mount', { What: '/RULE', Where: '/RULE' }, [
      ['KillMode', SESSION, { ...SESSION, KillMode: 'mixed' }],
    ]),
    ...inSection('Swap', { What: '/RULE' }, [['KillMode', SESSION, { ...SESSION, KillMode: 'control-group' }]]),
    ...inSection('Socket', {}, [
      ['ListenStream', { Accept: true }, { Accept: true, ListenStream: 53 }],
      ['MaxConnections', { ...SOCKET, MaxConnections: 0 }, { ...SOCKET, MaxConnections: 1 }],
      ['KillMode', { ...SOCKET, ...SESSION }, { ...SOCKET, ...SESSION, KillMode: 'control-group' }],
      ['ListenDatagram', { Accept: true, ListenDatagram: 53 }, { ListenDatagram: 53 }],
      ['ListenFIFO', { Accept: true, ListenFIFO: '/run/x' }, { ListenFIFO: '/run/x' }],
      ['ListenNetlink', { Accept: true, ListenNetlink: 'route 1' }, { ListenNetlink: 'route 1' }],
      ['ListenSpecial', { Accept: true, ListenSpecial: '/dev/null' }, { ListenSpecial: '/dev/null' }],
      ['ListenMessageQueue', { Accept: true, ListenMessageQueue: '/x' }, { ListenMessageQueue: '/x' }],
      ['ListenUSBFunction', { Accept: true, ListenUSBFunction: '/run/x' }, { ListenUSBFunction: '/run/x' }],
      ['ListenDatagram', { Accept: true, ListenStream: 53, ListenDatagram: 53 }, { Accept: true, ListenStream: 53 }],
      ['ListenDatagram', { Accept: true, ListenDatagram: 53 }, { Accept: true, ListenSequentialPacket: '/run/x' }],
      ['Service', { ...SOCKET, Accept: true, Service: 'x.service' }, { ...SOCKET, Service: 'x.service' }],
    ]),
  ]),
  ...rows('network', [
    ['Address.Address', { Address: { Label: 'x' } }, { Address: { Label: 'x', Address: '192.0.2.1/24' } }],
    ['Address.Address', { Address: [{ Scope: 'link' }] }, { Address: [{ Scope: 'link', Peer: '192.0.2.1/32' }] }],
    ['Neighbor.Address', { Neighbor: { MACAddress: Addresses.MACAddress } }, { Neighbor: Addresses }],
    [
      'Neighbor.LinkLayerAddress',
      { Neighbor: { Address: '192.0.2.1' } },
      { Neighbor: { Address: '192.0.2.1', LinkLayerAddress: '192.0.2.2' } },
    ],
    [
      'IPv6AddressLabel.Label',
      { IPv6AddressLabel: { Prefix: '2001:db8::/64' } },
      { IPv6AddressLabel: { Prefix: '2001:db8::/64', Label: 5 } },
    ],
    [
      'IPv6AddressLabel.Prefix',
      { IPv6AddressLabel: { Label: 5 } },
      { IPv6AddressLabel: { Prefix: '2001:db8::/64', Label: 6 } },
    ],
    [
      'BridgeMDB.MulticastGroupAddress',
      { BridgeMDB: { VLANId: 5 } },
      { BridgeMDB: { VLANId: 5, MulticastGroupAddress: '224.0.1.1' } },
    ],
    [
      'IPv6Prefix.Prefix',
      { ...Send, IPv6Prefix: { OnLink: true } },
      { ...Send, IPv6Prefix: { OnLink: true, Prefix: '2001:db8::/64' } },
    ],
    ['Route.Gateway', { Route: { Metric: 5 } }, { Route: { Metric: 5, Gateway: '192.0.2.1' } }],
    ['Route.Gateway', { Route: { Type: 'blackhole' } }, { Route: { Type: 'blackhole', Destination: '192.0.2.0/24' } }],
    ['Route.Gateway', { Route: { Table: 5 } }, { Route: { Table: 5, PreferredSource: '192.0.2.1' } }],
    ['Route.Gateway', { Route: { Scope: 'link' } }, { Route: { Scope: 'link', Source: '2001:db8::/64' } }],
    ['SR-IOV.VirtualFunction', { 'SR-IOV': { Trust: true } }, { 'SR-IOV': { Trust: true, VirtualFunction: 0 } }],
    [
      'DHCPServerStaticLease.MACAddress',
      { DHCPServerStaticLease: { Address: '192.0.2.1' } },
      { DHCPServerStaticLease: Addresses },
    ],
    [
      'DHCPServerStaticLease.Address',
      { DHCPServerStaticLease: { MACAddress: Addresses.MACAddress } },
      { DHCPServerStaticLease: Addresses },
    ],
    [
      'HierarchyTokenBucketClass.Rate',
      { HierarchyTokenBucketClass: { Priority: 5 } },
      { HierarchyTokenBucketClass: { Priority: 5, Rate: '1M' } },
    ],
    ...inSection('TokenBucketFilter', TBF, [
      ['Rate', { Rate: undefined }, {}],
      ['BurstBytes', { BurstBytes: undefined }, {}],
      ['LimitBytes', { LimitBytes: undefined }, { LimitBytes: undefined, LatencySec: 1 }],
    ]),
  ]),
  ...rows('quadlet', [
    ['Container.Image', { Container: { Exec: ['/x'] } }, { Container: { Rootfs: '/x' } }],
    ['Kube.Yaml', { Kube: { LogDriver: 'none' } }, { Kube: { LogDriver: 'none', Yaml: '/x' } }],
    ['Image.Image', { Image: { AllTags: true } }, { Image: { AllTags: true, Image } }],
    ['Build.ImageTag', { Build: { File: '/x' } }, { Build: { File: '/x', ImageTag: Image } }],
    ...inSection('Container', { Image }, [
      ...REMAP,
      ['Group', { Group: '5' }, { Group: '5', User: '5' }],
      ['StartWithPod', { StartWithPod: false }, {}],
      ['Image', { Rootfs: '/x' }, { Rootfs: undefined }],
      ['RemapUsers', { RemapUsers: 'auto', UIDMap: '0:1:2' }, { UIDMap: '0:1:2' }],
      ['RemapUsers', { RemapUsers: 'auto', GIDMap: '0:1:2' }, { GIDMap: '0:1:2' }],
      ['RemapUsers', { RemapUsers: 'auto', SubUIDMap: 'x' }, { SubUIDMap: 'x' }],
      ['RemapUsers', { RemapUsers: 'auto', SubGIDMap: 'x' }, { SubGIDMap: 'x' }],
    ]),
    ...inSection('Pod', {}, REMAP),
    ...inSection('Kube', { Yaml: '/x' }, [...REMAP]),
    ...inSection('Volume', {}, [
      ['Options', { Options: 'ro' }, { Options: 'ro', Device: '/x' }],
      ['Type', { Type: 'ext4' }, { Type: 'ext4', Device: '/x' }],
      ['Image', { Image }, { Image, Driver: 'image' }],
      ['Driver', { Image, Driver: 'local' }, { Driver: 'local' }],
      ['Driver', { Driver: 'image' }, { Driver: 'image', Image }],
      ['Image', { Image, Driver: 'image', Copy: false }, { Copy: false }],
      ['Image', { Image, Driver: 'image', Device: '/x' }, { Device: '/x' }],
      ['Image', { Image, Driver: 'image', User: 5 }, { User: 5 }],
      ['Image', { Image, Driver: 'image', Group: 5 }, { Group: 5 }],
    ]),
    ...inSection('Network', {}, [
      ['Gateway', { Gateway: '192.0.2.1' }, { Gateway: '192.0.2.1', Subnet: '192.0.2.0/24' }],
      ['IPRange', { IPRange: '192.0.2.0/28' }, { IPRange: '192.0.2.0/28', Subnet: '192.0.2.0/24' }],
      [
        'Gateway',
        { Subnet: '192.0.2.0/24', Gateway: ['192.0.2.1', '198.51.100.1'] },
        { Subnet: ['192.0.2.0/24', '198.51.100.0/24'], Gateway: ['192.0.2.1', '198.51.100.1'] },
      ],
      [
        'IPRange',
        { Subnet: '192.0.2.0/24', IPRange: ['192.0.2.0/28', '198.51.100.0/28'] },
        { Subnet: ['192.0.2.0/24', '198.51.100.0/24'], IPRange: ['192.0.2.0/28'] },
      ],
    ]),
    ...inSection('Build', { ImageTag: Image }, [
      ['File', { Pull: 'never' }, { Pull: 'never', SetWorkingDirectory: '/x' }],
      ['File', { File: 'x' }, { File: 'x', SetWorkingDirectory: '/x' }],
      ['SetWorkingDirectory', { File: '/x', SetWorkingDirectory: 'yaml' }, { File: '/x', SetWorkingDirectory: 'file' }],
      ['SetWorkingDirectory', { SetWorkingDirectory: 'file' }, { File: '/x', SetWorkingDirectory: 'unit' }],
    ]),
    [
      'Build.File',
      { Build: { ImageTag: Image, File: 'x' } },
      { Build: { ImageTag: Image, File: 'x' }, Service: { WorkingDirectory: '/x' } },
    ],
    ...withService({ Container: { Image } }, [
      ...OWN,
      ...COMMAND,
      ['NotifyAccess', { NotifyAccess: 'main' }, {}],
      ['Delegate', { Delegate: false }, {}],
      ['KillMode', { KillMode: 'process' }, { KillMode: 'control-group' }],
      ['Type', { Type: 'exec' }, { Type: 'oneshot' }],
      ['Restart', { Type: 'oneshot', Restart: 'always' }, { Restart: 'always' }],
    ]),
    ...withService({ Kube: { Yaml: '/x' } }, [
      ...OWN,
      ...COMMAND,
      ['NotifyAccess', { NotifyAccess: 'main' }, {}],
      ['KillMode', { KillMode: 'none' }, { KillMode: 'mixed' }],
      ['Type', { Type: 'exec' }, { Type: 'notify' }],
    ]),
    ...withService({ Pod: {} }, [
      ...OWN,
      ...COMMAND,
      ['PIDFile', { PIDFile: '/run/x' }, {}],
      ['Type', { Type: 'exec' }, {}],
      ['Restart', { Restart: 'no' }, {}],
      ['Environment', { Environment: { A: 'x' } }, {}],
    ]),
    ...withService({ Volume: {} }, [...OWN, ...ONESHOT, ['KillMode', SESSION, { ...SESSION, KillMode: 'mixed' }]]),
    ...withService({ Network: {} }, [...OWN, ...ONESHOT]),
    ...withService({ Image: { Image } }, [...OWN, ...ONESHOT]),
    ...withService({ Build: { ImageTag: Image, SetWorkingDirectory: '/x' } }, [...OWN, ...ONESHOT]),
  ]),
  ...newer('5.5', [
    [
      'Container.ReloadCmd',
      { Container: { Image, ReloadCmd: ['/x'], ReloadSignal: 'SIGHUP' } },
      { Container: { Image, ReloadSignal: 'SIGHUP' } },
    ],
  ]),
  ...newer('5.8', [
    [
      'Kube.SetWorkingDirectory',
      { Kube: { Yaml: ['/x', '/y'], SetWorkingDirectory: 'yaml' } },
      { Kube: { Yaml: ['/x', '/y'], SetWorkingDirectory: 'unit' } },
    ],
  ]),
  ...rows('nspawn', [
    ['Exec.Parameters', { Exec: { Parameters } }, { Exec: { Parameters, Boot: false } }],
    ['Exec.Parameters', { Exec: { Parameters } }, { Exec: { Parameters, ProcessTwo: true } }],
    [
      'Exec.ProcessTwo',
      { Exec: { Boot: true, ProcessTwo: true } },
      { Exec: { Parameters, Boot: false, ProcessTwo: true } },
    ],
  ]),
];

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Host,
  type HostProps,
  NspawnMachine,
  PodmanBuild,
  PodmanImage,
  PodmanKube,
  PodmanNetwork,
  PodmanPod,
  PodmanService,
  PodmanVolume,
  raw,
  SystemdLink,
  SystemdMount,
  SystemdNetdev,
  SystemdNetwork,
  SystemdPath,
  SystemdService,
  SystemdSlice,
  SystemdSocket,
  SystemdTimer,
} from 'bulkhead';
import { type Mutation, mutationsOf, newerKeys } from '../directives/support/mutations';
import { host, problemsOf, temporaryDirectory } from './testing';

const command = ['/usr/bin/job'];
const image = 'localhost/x:1';
const netdev = { NetDev: { Name: 'br0', Kind: 'bridge' } } as const;
const named = { Match: { Name: 'lan0' } } as const;
const original = { Match: { OriginalName: 'lan0' } } as const;

/** A directory to build an image from. */
function context(): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'Containerfile'), 'FROM scratch\n');
  return directory;
}

/** What the types forbid is tried here, as from JavaScript. */
type Directives = Record<string, Record<string, unknown>>;
type Make = (scope: Host, directives: Directives) => unknown;

/** Sections of each format, and the class whose files have them. */
const CLASSES: readonly (readonly [Mutation['format'], readonly string[], Make])[] = [
  ['unit', ['Unit', 'Service', 'Install'], (at, directives) => new SystemdService(at, 'x', { command, directives })],
  [
    'unit',
    ['Socket'],
    (at, { Socket = {}, ...others }) =>
      new SystemdSocket(at, 'x', { command, directives: { Socket: { ListenStream: 70, ...Socket }, ...others } }),
  ],
  [
    'unit',
    ['Timer'],
    (at, { Timer = {}, ...others }) =>
      new SystemdTimer(at, 'x', { command, directives: { Timer: { OnCalendar: 'daily', ...Timer }, ...others } }),
  ],
  [
    'unit',
    ['Path'],
    (at, { Path = {}, ...others }) =>
      new SystemdPath(at, 'x', { command, directives: { Path: { PathExists: '/srv/in', ...Path }, ...others } }),
  ],
  ['unit', ['Mount'], (at, directives) => new SystemdMount(at, 'x', { what: '/dev/x', where: '/srv', directives })],
  ['unit', ['Slice'], (at, directives) => new SystemdSlice(at, 'x', { directives })],
  ['quadlet', ['Container'], (at, directives) => new PodmanService(at, 'x', { image, directives })],
  ['quadlet', ['Pod'], (at, directives) => new PodmanPod(at, 'x', { directives })],
  ['quadlet', ['Volume'], (at, directives) => new PodmanVolume(at, 'x', { directives })],
  ['quadlet', ['Network'], (at, directives) => new PodmanNetwork(at, 'x', { directives })],
  ['quadlet', ['Kube'], (at, directives) => new PodmanKube(at, 'x', { yaml: { kind: 'Pod' }, directives })],
  ['quadlet', ['Image'], (at, directives) => new PodmanImage(at, 'x', { image, directives })],
  ['quadlet', ['Build'], (at, directives) => new PodmanBuild(at, 'x', { context: context(), directives })],
  [
    'nspawn',
    ['Exec', 'Files', 'Network'],
    (at, directives) => new NspawnMachine(at, 'x', { root: '/srv/x', directives }),
  ],
  [
    'network',
    [
      ...['Match', 'Link', 'Network', 'Address', 'Route', 'RoutingPolicyRule', 'NextHop', 'DHCPv4', 'DHCPv6'],
      ...['DHCPServer', 'IPv6AcceptRA', 'IPv6SendRA', 'IPv6PREF64Prefix', 'Bridge', 'BridgeFDB', 'BridgeMDB'],
      ...['BridgeVLAN', 'SR-IOV', 'CAN', 'CAKE', 'HierarchyTokenBucketClass', 'NetworkEmulator'],
    ],
    (at, { Match, ...others }) =>
      new SystemdNetwork(at, 'x', { directives: { Match: { ...named.Match, ...Match }, ...others } }),
  ],
  [
    'netdev',
    [
      'VLAN',
      'VXLAN',
      'Tunnel',
      'L2TP',
      'MACsecTransmitAssociation',
      'WireGuard',
      'WireGuardPeer',
      'IPoIB',
      'Bond',
      'Bridge',
    ],
    (at, directives) => new SystemdNetdev(at, 'x', { directives: { ...netdev, ...directives } }),
  ],
  [
    'link',
    ['Match', 'Link', 'SR-IOV', 'EnergyEfficientEthernet'],
    (at, { Match, ...others }) =>
      new SystemdLink(at, 'x', { directives: { Match: { ...original.Match, ...Match }, ...others } }),
  ],
];

/** How a synthesis refuses what `make` makes; nothing if it does not. */
function refusalOf(make: (scope: Host) => unknown, versions: Partial<HostProps> = {}): string[] {
  const scope = host(versions);
  try {
    make(scope);
  } catch (error) {
    return [(error as Error).message];
  }
  return problemsOf(scope);
}

/** Keys that a prop of the class decides about. */
const OF_PROPS: ReadonlySet<string> = new Set(['Where', 'PrivateUsers', 'NetworkName', 'VolumeName']);

const mutations = (format: Mutation['format'], sections: readonly string[]) =>
  mutationsOf(format, sections).filter(({ key }) => !OF_PROPS.has(key));

const all = CLASSES.flatMap(([format, sections]) => mutations(format, sections));

test('there are more than 200 of them', () => {
  expect(all.length).toBeGreaterThan(200);
});

describe.each(CLASSES)('%s %p', (format, sections, make) => {
  test('is made without them', () => {
    expect(refusalOf((scope) => make(scope, {}))).toEqual([]);
  });

  test.each(mutations(format, sections))('refuses $what: $key=$value in [$section]', (mutation) => {
    const { section, key, value, page } = mutation;
    const refusal = refusalOf((scope) => make(scope, { [section]: { [key]: value } }));
    expect(refusal).toContainEqual(expect.stringMatching(`\\b${key}\\b.*shop/host/x`));
    expect(refusal).toContainEqual(expect.stringContaining(page));
  });
});

/** What people write, and what is lost or misread then. */
const CLASSICS: readonly (readonly [section: string, directives: Record<string, unknown>, page: string])[] = [
  ['Service', { Restart: 'On-failure' }, 'systemd.service(5)'],
  ['Service', { Type: 'deamon' }, 'systemd.service(5)'],
  ['Service', { RestartSec: '5 mins 3 parsec' }, 'systemd.service(5)'],
  ['Service', { RestartSec: -1 }, 'systemd.service(5)'],
  ['Service', { ExecStartPre: '/bin/mkdir /run/x' }, 'systemd.service(5)'],
  ['Service', { ExecStartPre: [['"/bin/true"']] }, 'systemd.service(5)'],
  ['Service', { Wants: 'db.service' }, 'systemd.service(5)'],
  ['Service', { WantedBy: 'multi-user.target' }, 'systemd.service(5)'],
  ['Service', { Environment: ['A=1'] }, 'systemd.exec(5)'],
  ['Service', { Environment: { 'A-B': '1' } }, 'systemd.exec(5)'],
  ['Service', { Nice: 20 }, 'systemd.exec(5)'],
  ['Service', { UMask: '0999' }, 'systemd.exec(5)'],
  ['Service', { OOMScoreAdjust: -2000 }, 'systemd.exec(5)'],
  ['Service', { LimitNOFILE: '4096:1024' }, 'systemd.exec(5)'],
  ['Service', { LimitNPROC: '8K' }, 'systemd.exec(5)'],
  ['Service', { ProtectSystem: 'stric' }, 'systemd.exec(5)'],
  ['Service', { ReadWritePaths: 'srv/data' }, 'systemd.exec(5)'],
  ['Service', { CapabilityBoundingSet: ['CAP_NET_BIND'] }, 'systemd.exec(5)'],
  ['Service', { SystemCallFilter: ['@system-services'] }, 'systemd.exec(5)'],
  ['Service', { StateDirectory: '../x' }, 'systemd.exec(5)'],
  ['Service', { User: 'x\nPrivateTmp=no' }, 'systemd.exec(5)'],
  ['Service', { MemoryHigh: '512MB' }, 'systemd.resource-control(5)'],
  ['Service', { CPUQuota: '50' }, 'systemd.resource-control(5)'],
  ['Service', { IPAddressAllow: '10.0.0.0/40' }, 'systemd.resource-control(5)'],
  ['Service', { DeviceAllow: 'sda rw' }, 'systemd.resource-control(5)'],
  ['Service', { KillSignal: 'SIGSTOPP' }, 'systemd.kill(5)'],
  ['Unit', { After: 'postgresql' }, 'systemd.unit(5)'],
  ['Unit', { ConditionPathExists: 'etc/x' }, 'systemd.unit(5)'],
  ['Unit', { Description: 'x '.repeat(2) }, 'systemd.unit(5)'],
  ['Container', { PublishPort: '80:99999' }, 'podman-systemd.unit(5)'],
  ['Container', { AddCapability: 'NET_ADMIN' }, 'podman-systemd.unit(5)'],
  ['Container', { HealthInterval: '1 min' }, 'podman-systemd.unit(5)'],
  ['Container', { HealthCmd: 'test "$(cat /x)"' }, 'podman-systemd.unit(5)'],
  ['Container', { Volume: 'data' }, 'podman-systemd.unit(5)'],
  ['Container', { Mount: 'type=volume,destination=/x' }, 'podman-systemd.unit(5)'],
  ['Container', { Exec: ['a', ''] }, 'podman-systemd.unit(5)'],
  ['Container', { Exec: ['a', ';', 'b'] }, 'podman-systemd.unit(5)'],
  ['Container', { AutoUpdate: 'yes' }, 'podman-systemd.unit(5)'],
  ['Container', { Group: '5' }, 'podman-systemd.unit(5)'],
];

const classOf = (section: string): Make =>
  CLASSES.find(([, sections]) => sections.includes(section))?.[2] ?? (() => undefined);

test.each(CLASSICS)('[%s] %j is refused as well', (section, directives, page) => {
  const refusal = refusalOf((scope) => classOf(section)(scope, { [section]: directives }));
  const [key = ''] = Object.keys(directives);
  expect(refusal).toEqual([expect.stringMatching(`^Cannot \\w+ ${key} [^]*\\(at shop/host/x\\)$`)]);
  expect(refusal[0]).toContain(page);
});

describe('a host of its own versions', () => {
  const OLD = { systemd: 250, podman: '4.4.0' };
  const newer = [
    ...newerKeys('unit', ['Unit', 'Service'], ({ since }) => Number(since) > OLD.systemd),
    ...newerKeys('quadlet', ['Container', 'Kube', 'Network', 'Volume'], ({ since }) => String(since) !== '4.4'),
  ].filter(({ key }) => !OF_PROPS.has(key));

  test('knows less than the catalogs', () => {
    expect(newer.length).toBeGreaterThan(100);
  });

  test.each(newer)('is not given $key in [$section]', ({ section, key, page }) => {
    const refusal = refusalOf((scope) => classOf(section)(scope, { [section]: { [key]: raw('x') } }), OLD);
    const since = `\\b${key}\\b.*available since (?:systemd|podman) [\\d.]+, the host has .*shop/host/x`;
    expect(refusal).toContainEqual(expect.stringMatching(since));
    expect(refusal).toContainEqual(expect.stringContaining(page));
  });
});

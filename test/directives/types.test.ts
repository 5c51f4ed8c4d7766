import {
  type NetdevFile,
  type NetworkFile,
  type NspawnFile,
  type QuadletFile,
  raw,
  reset,
  type SystemdUnit,
} from '../../lib/directives';
import { writeUnit } from './support/read-write';

// The compiler checks this file: what is written here must be allowed, and what is expected to be an error must be one.
const unit: SystemdUnit = {
  Unit: { Description: 'x', After: ['a.service'], Wants: 'b.service', ConditionFirstBoot: true, StartLimitBurst: 5 },
  Service: {
    Type: 'notify-reload',
    ExecStart: ['/bin/echo', 'a b'],
    ExecStartPost: [['/bin/a'], { argv: ['/bin/b', raw('%i')], prefix: '-' }, raw('/bin/c $MAINPID')],
    Environment: { A: '1', B: raw('%h'), C: undefined },
    PrivateTmp: 'disconnected',
    ProtectSystem: true,
    MemoryMax: '512M',
    CPUQuota: '50%',
    TimeoutStopSec: '1min 30s',
    UMask: 0o77,
    StateDirectoryMode: '0750',
    CapabilityBoundingSet: reset([]),
    AmbientCapabilities: ['CAP_NET_BIND_SERVICE', '~CAP_KILL', raw('CAP_NEW')],
    SystemCallFilter: ['@system-service', '~@privileged', 'uname'],
    RestrictNamespaces: ['user', '~net'],
    KillSignal: 'SIGTERM',
    LimitNOFILE: '1024:4096',
    Slice: 'a.slice',
    Restart: undefined,
  },
  Timer: { OnCalendar: 'daily', OnBootSec: 30 },
  Install: { WantedBy: ['multi-user.target'] },
};
const container: QuadletFile = {
  Unit: { After: 'a.service' },
  Container: {
    Image: 'x',
    Exec: ['a', 'b'],
    PublishPort: ['80:80', 81],
    Label: { a: 'b' },
    Pull: 'newer',
    Memory: '1g',
  },
  Service: { Restart: 'always' },
};
const machine: NspawnFile = { Exec: { Boot: false, PrivateUsers: 'pick' }, Files: { Bind: ['/a:/b'] } };
const network: NetworkFile = {
  Match: { Name: 'eth0' },
  Route: [{ Gateway: 'x' }],
  Address: { Address: '192.0.2.1/24' },
};
const netdev: NetdevFile = { NetDev: { Name: 'br0', Kind: 'bridge' }, Bridge: { STP: false } };

const wrong: readonly (SystemdUnit | QuadletFile | NspawnFile | NetworkFile | NetdevFile)[] = [
  // @ts-expect-error there is no such section
  { Servce: {} },
  // @ts-expect-error there is no such key
  { Service: { Restrat: 'no' } },
  // @ts-expect-error enums are case sensitive
  { Service: { Restart: 'On-failure' } },
  // @ts-expect-error a command is no shell line
  { Service: { ExecStart: '/bin/echo hi' } },
  // @ts-expect-error a size has no GB
  { Service: { MemoryMax: '1GB' } },
  // @ts-expect-error a percentage has its sign
  { Service: { CPUQuota: '50' } },
  // @ts-expect-error a boolean is no text
  { Service: { NoNewPrivileges: 'yes' } },
  // @ts-expect-error there is no such capability
  { Service: { CapabilityBoundingSet: ['CAP_BOGUS'] } },
  // @ts-expect-error the key takes one value
  { Service: { Restart: ['no', 'always'] } },
  // @ts-expect-error prefixes have an order
  { Service: { ExecStart: { argv: ['/bin/a'], prefix: '+-' } } },
  // @ts-expect-error the section comes once
  { Match: [{ Name: 'a' }, { Name: 'b' }] },
  // @ts-expect-error a duration of podman has its unit
  { Container: { HealthInterval: '90' } },
];

test('typed values are written', () => {
  expect(writeUnit(unit)).toContain('AmbientCapabilities=CAP_NET_BIND_SERVICE\nAmbientCapabilities=~CAP_KILL\n');
  expect([container, machine, network, netdev, ...wrong]).toHaveLength(16);
});

import type { ServiceSection, SystemdUnit } from '../directives';
import type { UnitPart } from '../manifest';
import { Token } from './cdktf';
import type { MachineNetwork } from './machine-network';
import { listenAddress, type Port, type Protocol } from './ports';
import { fail } from './problem';
import type { NativeFile } from './service';

/** @throws Error for a port that can't be handed on to a machine. */
export function checkMachinePort(port: Port, value: unknown): Port {
  if (Token.isUnresolved(port.host))
    fail({
      action: 'publish',
      value,
      problem: 'the host port names a unit',
      expected: 'one known at synthesis; the container port may be a token',
      at: port.at,
    });
  return port;
}

interface Published {
  readonly natives: Record<string, NativeFile>;
  readonly units: Record<string, UnitPart>;
}

/** What must be on the host for ports. */
export function portPrograms(ports: readonly Port[]): Record<string, string> {
  const has = (protocol: Protocol) => ports.some((port) => port.protocol === protocol);
  return {
    ...(has('tcp') ? { 'systemd-socket-proxyd': 'for its ports' } : {}),
    ...(has('udp') ? { socat: 'for its UDP ports' } : {}),
  };
}

/**
 * The units that hand on the ports of the host to a machine: for a TCP port a socket, and a proxy that it starts; for a
 * UDP port, of which systemd-socket-proxyd knows nothing, a proxy alone.
 */
export function portUnits(name: string, ports: readonly Port[], { address }: MachineNetwork): Published {
  const natives: Record<string, NativeFile> = {};
  const units: Record<string, UnitPart> = {};
  const add = (unitName: string, file: SystemdUnit): string => {
    const path = `/etc/systemd/system/${unitName}`;
    natives[path] = { format: 'unit', sections: { ...file } as NativeFile['sections'] };
    return path;
  };
  for (const port of ports) {
    const stem = `${name}-${port.ip === undefined ? '' : `${port.ip}-`}${port.host}`;
    if (port.protocol === 'udp') {
      const proxy = add(`${stem}-udp.service`, udpUnit(name, port, address));
      units[`${stem}-udp.service`] = { state: 'active', enabled: true, restartOn: [proxy] };
    } else {
      const socket = add(`${stem}.socket`, socketUnit(name, port));
      const proxy = add(`${stem}.service`, proxyUnit(name, stem, `${address}:${port.container}`));
      units[`${stem}.socket`] = { state: 'active', enabled: true, restartOn: [socket, proxy] };
    }
  }
  return { natives, units };
}

const SANDBOX: ServiceSection = {
  DynamicUser: true,
  ProtectSystem: 'strict',
  ProtectHome: true,
  PrivateTmp: true,
  PrivateDevices: true,
  NoNewPrivileges: true,
  RestrictAddressFamilies: ['AF_UNIX', 'AF_INET', 'AF_INET6'],
  RestrictNamespaces: true,
  SystemCallFilter: '@system-service',
  SystemCallArchitectures: 'native',
  MemoryDenyWriteExecute: true,
};

function socketUnit(name: string, { ip, host }: Port): SystemdUnit {
  return {
    Unit: { Description: `Port ${host} of ${name}` },
    Socket: { ListenStream: ip === undefined ? host : listenAddress(ip, host), NoDelay: true },
    Install: { WantedBy: 'sockets.target' },
  };
}

function proxyUnit(name: string, stem: string, target: string): SystemdUnit {
  return {
    // Stops and restarts with its socket, which can't start while this runs.
    Unit: { Description: `Proxy to ${name}`, PartOf: `${stem}.socket`, After: [`${stem}.socket`, `${name}.service`] },
    Service: {
      Type: 'notify',
      ExecStart: ['/usr/lib/systemd/systemd-socket-proxyd', target],
      PrivateUsers: true,
      ...SANDBOX,
    },
  };
}

/** So many seconds after the last packet of an answer, no more of it is handed on. */
const ANSWER = 5;
/** So many datagrams can wait for an answer at a time. */
const WAITING = 1024;

function udpUnit(name: string, { ip, host, container }: Port, address: string): SystemdUnit {
  return {
    Unit: {
      Description: `UDP port ${host} of ${name}`,
      After: ['network.target', `${name}.service`],
      StartLimitIntervalSec: 0,
    },
    Service: {
      Type: 'exec',
      // A process per datagram. With one per peer (UDP-LISTEN), what others send while it is made is taken for that
      // peer's, which then gets their answers.
      ExecStart: [
        'socat',
        ...['-t', String(ANSWER), '-T', String(ANSWER)],
        `${udpListen(ip, host)},reuseaddr,fork`,
        `UDP4:${address}:${container}`,
      ],
      TasksMax: WAITING,
      // It ends when it can't make another one.
      Restart: 'on-failure',
      // socat's own when it is asked to stop.
      SuccessExitStatus: 143,
      // In users of its own, a process has no capability over the host's ports.
      ...(Number(host) < 1024
        ? { AmbientCapabilities: 'CAP_NET_BIND_SERVICE', CapabilityBoundingSet: 'CAP_NET_BIND_SERVICE' }
        : { PrivateUsers: true }),
      ...SANDBOX,
    },
    Install: { WantedBy: 'multi-user.target' },
  };
}

// Without an address on all, IPv4 and IPv6, as a socket of systemd.
function udpListen(ip: string | undefined, port: string): string {
  if (ip === undefined) return `UDP6-RECVFROM:${port},ipv6only=0`;
  return ip.includes(':') ? `UDP6-RECVFROM:${port},bind=[${ip}]` : `UDP4-RECVFROM:${port},bind=${ip}`;
}

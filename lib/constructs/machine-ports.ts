import type { SystemdUnit } from '../directives';
import type { UnitPart } from '../manifest';
import { Token } from './cdktf';
import type { MachineNetwork } from './machine-network';
import { listenAddress, type Port } from './ports';
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
  if (port.protocol === 'tcp') return port;
  return fail({
    action: 'publish',
    value,
    problem: "a machine's ports are handed on by systemd-socket-proxyd, which knows no udp",
    expected: 'tcp; PodmanService publishes udp, and the machine itself answers it on its own address',
    at: port.at,
  });
}

interface Published {
  readonly natives: Record<string, NativeFile>;
  readonly units: Record<string, UnitPart>;
}

/** The units that hand on the ports of the host to a machine: per port a socket, and a proxy that it starts. */
export function portUnits(name: string, ports: readonly Port[], { address }: MachineNetwork): Published {
  const natives: Record<string, NativeFile> = {};
  const units: Record<string, UnitPart> = {};
  for (const port of ports) {
    const stem = `${name}-${port.ip === undefined ? '' : `${port.ip}-`}${port.host}`;
    const socket = `/etc/systemd/system/${stem}.socket`;
    const proxy = `/etc/systemd/system/${stem}.service`;
    natives[socket] = unit(socketUnit(name, port));
    natives[proxy] = unit(proxyUnit(name, stem, `${address}:${port.container}`));
    units[`${stem}.socket`] = { state: 'active', enabled: true, restartOn: [socket, proxy] };
  }
  return { natives, units };
}

function unit(file: SystemdUnit): NativeFile {
  return { format: 'unit', sections: { ...file } as NativeFile['sections'] };
}

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
      DynamicUser: true,
      ProtectSystem: 'strict',
      ProtectHome: true,
      PrivateTmp: true,
      PrivateDevices: true,
      PrivateUsers: true,
      NoNewPrivileges: true,
      RestrictAddressFamilies: ['AF_UNIX', 'AF_INET', 'AF_INET6'],
      RestrictNamespaces: true,
      SystemCallFilter: '@system-service',
      SystemCallArchitectures: 'native',
      MemoryDenyWriteExecute: true,
    },
  };
}

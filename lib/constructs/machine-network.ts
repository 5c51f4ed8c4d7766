import { createHash } from 'node:crypto';
import type { Argv, Command, SystemdUnit } from '../directives';

/** The host's end of every link. Link-local, so that all links can share it. */
const HOST_ADDRESS = '169.254.1.1';

/** A machine's own network: a named namespace with one link to the host and one address. */
export interface MachineNetwork {
  /** Name of the namespace and of the link's end on the host. */
  readonly link: string;
  readonly address: string;
  /** Network of all machines of the host. */
  readonly subnet: string;
  readonly unitName: string;
}

export function machineNetwork(name: string, address: string, subnet: string): MachineNetwork {
  return { link: linkName(name), address, subnet, unitName: `${name}-network.service` };
}

/** Where the namespace can be joined. */
export function namespacePath({ link }: MachineNetwork): string {
  return `/run/netns/${link}`;
}

// The kernel takes 15 characters.
function linkName(name: string): string {
  if (`bh-${name}`.length <= 15) return `bh-${name}`;
  return `bh-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/**
 * The unit that makes a machine's network. The link is routed, not bridged: the machine sees no frame of others. It has
 * routes to the host and to other machines and none beyond, and can't add any. The host forwards on these links alone.
 */
export function networkUnit(name: string, { link, address, subnet }: MachineNetwork): SystemdUnit {
  const ip = (...words: string[]): Argv => ['ip', ...words];
  const inside = (...words: string[]): Argv => ['ip', '-n', link, ...words];
  const cleanup: Command[] = [
    { argv: ip('netns', 'delete', link), prefix: '-' },
    { argv: ip('link', 'delete', link), prefix: '-' },
  ];
  return {
    Unit: { Description: `Network of ${name}`, After: 'network.target' },
    Service: {
      Type: 'oneshot',
      RemainAfterExit: true,
      ExecStartPre: cleanup,
      ExecStart: [
        ip('netns', 'add', link),
        ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', link),
        inside('link', 'set', 'lo', 'up'),
        inside('address', 'add', `${address}/32`, 'dev', 'eth0'),
        inside('link', 'set', 'eth0', 'up'),
        inside('route', 'add', HOST_ADDRESS, 'dev', 'eth0', 'scope', 'link'),
        inside('route', 'add', subnet, 'via', HOST_ADDRESS, 'dev', 'eth0'),
        // Root of a machine is nobody to the kernel, and could not listen on port 80 of its own address.
        ip('netns', 'exec', link, 'sysctl', '-q', '-w', 'net/ipv4/ip_unprivileged_port_start=0'),
        ip('address', 'add', `${HOST_ADDRESS}/32`, 'dev', link),
        ip('link', 'set', link, 'up'),
        ip('route', 'add', `${address}/32`, 'dev', link),
        ['sysctl', '-q', '-w', `net/ipv4/conf/${link}/forwarding=1`],
      ],
      ExecStopPost: cleanup,
    },
  };
}

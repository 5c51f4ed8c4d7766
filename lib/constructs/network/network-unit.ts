import type { ServiceSection, SystemdUnit } from '../../directives/index';
import { directoryOf, type NetworkModel, tableName } from '../../network/index';
import { namesCommand, namesPathName } from './names-unit';

/** Name of a network's unit on its host. */
export function networkUnitName(network: string): string {
  return `${network}-network.service`;
}

/** Path of the file with the rules of a network. */
export function rulesPath(network: string): string {
  return `${directoryOf(network)}/rules.nft`;
}

/** Path of the script by which a network changes its host. */
export function hostScriptPath(network: string): string {
  return `${directoryOf(network)}/host.sh`;
}

/**
 * The unit that loads the rules of a network and turns forwarding on. A reload replaces all rules at once. It neither
 * stops nor starts a service.
 */
export function networkUnit({ name, subnet, subnet6 }: Pick<NetworkModel, 'name' | 'subnet' | 'subnet6'>): SystemdUnit {
  const host = (verb: 'start' | 'stop') => ['sh', '-e', hostScriptPath(name), verb, name, subnet, subnet6];
  return {
    Unit: {
      Description: `Network ${name}`,
      // The network must be up before networkd(8), and before docker, which blocks forwarding when it finds forwarding
      // turned off.
      DefaultDependencies: false,
      Wants: ['network-pre.target', namesPathName(name)],
      Before: ['network-pre.target', 'docker.service'],
      After: ['local-fs.target', 'nftables.service', 'systemd-sysctl.service'],
    },
    Service: {
      Type: 'oneshot',
      RemainAfterExit: true,
      // Services mount files in this directory, so it must survive a restart.
      RuntimeDirectory: `bulkhead/network/${name}`,
      RuntimeDirectoryPreserve: 'restart',
      ExecStart: [
        { argv: ['nft', '-f', rulesPath(name)] },
        { argv: host('start') },
        { argv: namesCommand(name, 'start') },
      ],
      ExecReload: [{ argv: ['nft', '-f', rulesPath(name)] }, { argv: namesCommand(name, 'start') }],
      ExecStopPost: [
        { argv: ['nft', 'delete', 'table', 'inet', tableName(name)], prefix: '-' },
        { argv: namesCommand(name, 'stop'), prefix: '-' },
        { argv: host('stop'), prefix: '-' },
      ],
      TimeoutStartSec: 90,
    },
    Install: { WantedBy: 'sysinit.target' },
  };
}

/** Drop-in for nftables.service, which flushes all rules whenever it starts, reloads or stops. */
export function nftablesDropIn(network: string): { readonly Service: ServiceSection } {
  const load = { argv: ['nft', '-f', rulesPath(network)], prefix: '-' } as const;
  return { Service: { ExecStartPost: load, ExecReload: load, ExecStopPost: load } };
}

/** A zone of firewalld(1), which does not forward for unknown addresses. The network's own rules decide what passes. */
export function firewalldZone({ name, subnet, subnet6 }: Pick<NetworkModel, 'name' | 'subnet' | 'subnet6'>): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<zone target="ACCEPT">
  <short>bulkhead ${name}</short>
  <source address="${subnet}"/>
  <source address="${subnet6}"/>
</zone>
`;
}

import type { PathSection, ServiceSection } from '../../directives/index';
import { directoryOf } from '../../network/index';
import type { Parts } from '../service/service';

/** The resolv.conf(5) of all services on a network. */
export function resolvPath(network: string): string {
  return `/run/bulkhead/network/${network}/resolv.conf`;
}

/** Path of the script that writes names and name servers. */
export function namesScriptPath(network: string): string {
  return `${directoryOf(network)}/names.sh`;
}

/** The command that runs the script of names and name servers. */
export function namesCommand(network: string, verb: 'start' | 'changed' | 'stop'): string[] {
  return ['sh', '-e', namesScriptPath(network), verb, network];
}

/** Name of the unit that watches the names of the host. */
export function namesPathName(network: string): string {
  return `${network}-names.path`;
}

// Each of them takes one of the 128 inotify instances that root has by default. systemd-resolved writes its other file in
// the same moment.
const WATCHED = ['/etc/hosts', '/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/**
 * Units that run the script of names and name servers when those of the host change, by DHCP or by hand.
 * @param unit The unit of the network.
 */
export function namesWatch(network: string, unit: string): Pick<Parts, 'natives' | 'units'> {
  const [path, service] = [namesPathName(network), `${network}-names.service`];
  const directory = '/etc/systemd/system';
  const Description = `Names of network ${network}`;
  const Path: PathSection = { PathChanged: WATCHED };
  const Service: ServiceSection = { Type: 'oneshot', ExecStart: namesCommand(network, 'changed') };
  return {
    natives: {
      [`${directory}/${path}`]: {
        format: 'unit',
        // The watch ends before its network, so that it does not restore what the network removes.
        sections: { Unit: { Description, PartOf: unit, After: unit }, Path, Install: { WantedBy: 'paths.target' } },
      },
      // A start limit would also stop the watch. At boot the service handles changes from before the watch began.
      [`${directory}/${service}`]: {
        format: 'unit',
        sections: {
          Unit: { Description, After: path, StartLimitIntervalSec: 0 },
          Service,
          Install: { WantedBy: 'multi-user.target' },
        },
      },
    },
    units: {
      [path]: { state: 'active', enabled: true, restartOn: [`${directory}/${path}`] },
      [service]: { enabled: true, restartOn: [] },
    },
  };
}

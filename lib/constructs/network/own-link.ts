import type { ServiceSection, UnitSection } from '../../directives/index';
import { objectKey } from '../../manifest/index';
import { directoryOf, hardwareAddresses, hostsFile, linkGroup, linkName, mergeRules } from '../../network/index';
import type { Parts } from '../service/service';
import type { Connections } from './connections';
import { resolvPath } from './names-unit';
import { mountedHosts } from './namespace-unit';
import { type Attachment, NETWORK_PROGRAMS, rootFile } from './network';
import { OVERWRITE } from './overwrite';

/**
 * The link of a service to its Network, for a runtime that creates the service's namespace and link itself at each
 * start. It says what the runtime has to create, and what the service's own unit does.
 */
export class OwnLink {
  /** Name of the link's end on the host. */
  readonly name: string;
  /**
   * Interface group of that end. The rules of the network match by this group, so it must be set before a program runs.
   */
  readonly group: number;
  /** MAC address of the link's end in the service. */
  readonly hardwareAddress: string;
  readonly address: string;
  readonly address6: string;
  /** File on the host with the names that the service may reach. */
  readonly hostsPath: string;
  private readonly service: string;
  private readonly network: Attachment['network'];

  constructor(
    { network, member }: Attachment,
    private readonly connections: Connections,
  ) {
    this.service = member.name;
    this.network = network;
    this.name = linkName(member.name);
    this.group = linkGroup(network.serviceName);
    this.hardwareAddress = hardwareAddresses(this.name).inside;
    this.address = member.address;
    this.address6 = member.address6;
    this.hostsPath = `${directoryOf(member.name)}/hosts`;
  }

  /** [Unit] directives of the service's own unit. */
  get unit(): Pick<UnitSection, 'Wants' | 'After'> {
    const { unitName } = this.network;
    return { Wants: unitName, After: ['network.target', unitName] };
  }

  /** [Service] directives of the service's own unit. With ExecReload=, the service sees new names without a restart. */
  get directives(): Pick<ServiceSection, 'RuntimeDirectory' | 'ExecReload'> {
    const mounted = mountedHosts(this.service);
    return {
      RuntimeDirectory: [mounted.replace(/^\/run\/|\/hosts$/g, '')],
      ExecReload: ['sh', '-ec', OVERWRITE.replaceAll('$1', '$0').replaceAll('$2', '$1'), this.hostsPath, mounted],
    };
  }

  /** Shell lines that the service's own unit runs before the runtime starts the service. */
  get prepare(): string {
    const resolv = resolvPath(this.network.serviceName);
    return `ip link delete ${this.name} 2>/dev/null || :
cat ${this.hostsPath} >${mountedHosts(this.service)}
[ -e ${resolv} ] || { mkdir -p ${resolv.replace(/\/[^/]*$/, '')}; : >${resolv}; }`;
  }

  /** Adds the parts of the link to the parts of a service. */
  withParts({ files, objects, requires, units = {}, ...parts }: Parts, unit: string): Parts {
    const { connections, hostsPath } = this;
    const hosts = rootFile(hostsFile(mergeRules(connections.rules), connections.member()));
    const own = units[unit];
    const link = objectKey('interface', this.name);
    return {
      ...parts,
      files: { [hostsPath]: hosts, ...files },
      objects: { [link]: { unit }, ...objects },
      requires: { ...requires, ...NETWORK_PROGRAMS },
      units: { ...units, ...(own ? { [unit]: { ...own, reloadOn: [hostsPath] } } : {}) },
    };
  }
}

import { join } from 'node:path';
import {
  ContainerdService,
  DockerService,
  type EnvironmentProp,
  type Host,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  type SecretsProps,
  SystemdPath,
  SystemdService,
  SystemdSocket,
  SystemdTimer,
  type Workload,
} from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { temporaryDirectory } from '../testing';

export function archive(config: object): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
}

/** An image that names a user. */
export const image = archive({ Cmd: ['/bin/web'], Env: ['LANG=C'], User: '33:44' });
const command = ['/bin/web'];

interface Props extends SecretsProps {
  readonly environment?: EnvironmentProp;
}
export type Make = (scope: Host, props: Props) => Workload;

/** A service "web" of each class that can be given secrets. */
export const SERVICES = {
  SystemdService: (scope, props) => new SystemdService(scope, 'web', { command, ...props }),
  'SystemdService in an image': (scope, props) =>
    new SystemdService(scope, 'web', { image, user: 'www-data', ...props }),
  PortableService: (scope, props) => new PortableService(scope, 'web', { image, ...props }),
  SystemdTimer: (scope, props) => new SystemdTimer(scope, 'web', { command, onCalendar: 'daily', ...props }),
  SystemdPath: (scope, props) => new SystemdPath(scope, 'web', { command, exists: '/srv/in', ...props }),
  SystemdSocket: (scope, props) => new SystemdSocket(scope, 'web', { command, ports: ['80:80'], ...props }),
  PodmanService: (scope, props) => new PodmanService(scope, 'web', { image, ...props }),
  DockerService: (scope, props) => new DockerService(scope, 'web', { image, ...props }),
  ContainerdService: (scope, props) => new ContainerdService(scope, 'web', { image, ...props }),
  OciService: (scope, props) => new OciService(scope, 'web', { image, ...props }),
  NspawnMachine: (scope, props) => new NspawnMachine(scope, 'web', { image, ...props }),
  LxcContainer: (scope, props) => new LxcContainer(scope, 'web', { image, ...props }),
  LxdInstance: (scope, props) => new LxdInstance(scope, 'web', { image, ...props }),
  IncusInstance: (scope, props) => new IncusInstance(scope, 'web', { image, ...props }),
} as const satisfies Readonly<Record<string, Make>>;

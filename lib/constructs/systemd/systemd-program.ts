import type { ServiceSection } from '../../directives/index';
import type { NetworkAccess } from '../network/network-access';
import type { NetworkedWorkload } from '../network/networked-workload';
import { checkEither } from '../problem';
import { programDirectives } from '../program/program-directives';
import { type ProgramImage, programImage } from '../program/program-image';
import type { DirectiveSet } from '../props/directive-set';
import { absolutePath } from '../props/paths';
import type { Volume } from '../props/volumes';
import type { LoadedSecrets } from '../service/given-secrets';
import { LISTENS_NOWHERE, SANDBOX } from './systemd-sandbox';
import type { SystemdServiceProps } from './systemd-service-props';

type Props = Omit<SystemdServiceProps, 'directives'>;

/** The image in which a unit runs its program. Undefined without an image. @throws Error */
export function systemdImage(props: Props, volumes: readonly Volume[], at: string): ProgramImage | undefined {
  const { image, root } = props;
  if (image === undefined) return undefined;
  if (root !== undefined) checkEither('run a program in', { image: image.source, root }, at);
  return programImage(image, props, volumes, at);
}

/** Directives of a unit that runs a program in the sandbox of this runtime. @throws Error */
export function systemdProgram(
  service: NetworkedWorkload,
  props: Props,
  access: NetworkAccess,
  volumes: readonly Volume[],
  image: ProgramImage | undefined,
  secrets: LoadedSecrets,
): DirectiveSet {
  const { user, root, jit } = props;
  const listens = access.mode === 'host' ? LISTENS_NOWHERE : {};
  const place = rootDirectory(image?.root.directory ?? absolutePath(root, 'root', service.node.path));
  const sandbox = { DynamicUser: user === undefined, ...SANDBOX, ...listens };
  return programDirectives(service, props, { access, volumes, image, place, secrets, sandbox }).prop('jit', 'Service', {
    MemoryDenyWriteExecute: jit === undefined ? undefined : !jit,
  });
}

function rootDirectory(root: string | undefined): ServiceSection {
  return root === undefined ? {} : { RootDirectory: root, MountAPIVFS: true };
}

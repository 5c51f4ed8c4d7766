import type { OciProcess } from '../../directives/index';
import { PATH, programOf } from '../props/command';
import { type ContainerImage, userIn } from '../props/container-image';
import type { DirectiveSet } from '../props/directive-set';
import { environmentOf } from '../props/environment';
import { absolutePath } from '../props/paths';
import type { OciProps } from './oci-props';

/**
 * `process` of config.json, without its variables. The variables are in [Service], where aspects find them. @throws
 * Error
 */
export function processDirectives(
  set: DirectiveSet,
  props: OciProps,
  image: ContainerImage,
  capabilities: readonly string[],
  at: string,
): void {
  const { config } = image;
  const words = programOf(props, config, at);
  set
    .prop(props.command ? 'command' : 'args', 'process', { args: props.command || props.args ? words : undefined })
    .prop('user', 'process', { user: props.user === undefined ? undefined : userIn(image, props.user, `${at}.user`) })
    .prop('workingDirectory', 'process', { cwd: absolutePath(props.workingDirectory, 'workingDirectory', at) })
    .prop('environment', 'Service', {
      Environment: environmentOf({ PATH, ...config.environment, ...props.environment }, at),
    })
    .prop('capabilities', 'process', {
      capabilities: props.capabilities === undefined ? undefined : capabilitySets(capabilities),
    })
    .defaults('process', {
      args: words,
      user: set.get('process', 'user') ?? userIn(image, config.user ?? '0', `${at}.image`),
      cwd: config.workingDirectory ?? '/',
      capabilities: capabilitySets(capabilities),
      noNewPrivileges: true,
    });
}

// A program that does not run as root gets only the ambient capabilities.
function capabilitySets(list: readonly string[]): OciProcess['capabilities'] {
  return { bounding: list, effective: list, inheritable: list, permitted: list, ambient: list };
}

import type { OciProcess } from '../../directives/index';
import { fail } from '../problem';
import { PATH, programOf } from '../props/command';
import { type ContainerImage, groupsIn, userIn, withGroups } from '../props/container-image';
import { checkGroups } from '../props/container-props';
import type { DirectiveSet } from '../props/directive-set';
import { environmentOf, type SecretPaths } from '../props/environment';
import { absolutePath } from '../props/paths';
import { parseUlimits, type Ulimits } from '../props/ulimits';
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
  secrets: SecretPaths,
  at: string,
): void {
  const { config } = image;
  const words = programOf(props, config, at);
  const named =
    props.user === undefined ? { user: config.user ?? '0', prop: 'image' } : { user: props.user, prop: 'user' };
  const groups = groupsIn(image, checkGroups(props.groups, at), `${at}.groups`);
  const user = withGroups(userIn(image, named.user, `${at}.${named.prop}`), groups);
  set
    .prop(props.command ? 'command' : 'args', 'process', { args: props.command || props.args ? words : undefined })
    .prop(props.user === undefined ? 'groups' : 'user', 'process', {
      user: props.user === undefined && groups.length === 0 ? undefined : user,
    })
    .prop('ulimits', 'process', { rlimits: rlimitsOf(props.ulimits, at) })
    .prop('workingDirectory', 'process', { cwd: absolutePath(props.workingDirectory, 'workingDirectory', at) })
    .prop('environment', 'Service', {
      Environment: environmentOf({ PATH, ...config.environment, ...props.environment }, at, secrets),
    })
    .prop('capabilities', 'process', {
      capabilities: props.capabilities === undefined ? undefined : capabilitySets(capabilities),
    })
    .defaults('process', {
      args: words,
      user,
      cwd: config.workingDirectory ?? '/',
      capabilities: capabilitySets(capabilities),
      noNewPrivileges: true,
    });
}

function rlimitsOf(ulimits: Ulimits | undefined, at: string): OciProcess['rlimits'] {
  const limits = parseUlimits(ulimits, at).map(({ name, soft, hard }) => {
    if (soft >= 0 && hard >= 0) return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard };
    return fail({
      action: `limit ${name} to`,
      value: ulimits?.[name],
      problem: 'config.json has no number for "no limit"',
      expected: 'a number such as 65536',
      at: `${at}.ulimits.${name}`,
    });
  });
  return limits.length > 0 ? limits : undefined;
}

// A program that does not run as root gets only the ambient capabilities.
function capabilitySets(list: readonly string[]): OciProcess['capabilities'] {
  return { bounding: list, effective: list, inheritable: list, permitted: list, ambient: list };
}

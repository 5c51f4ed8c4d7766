import type { ContainerSection } from '../../directives/index';
import { checkGroups, checkHostname, type EngineContainerProps, parseTmpfs } from '../props/container-props';
import { checkDevices } from '../props/devices';
import type { DirectiveSet } from '../props/directive-set';
import { memoryBytes } from '../props/quantities';
import { parseUlimits } from '../props/ulimits';

/** When podman pulls the image of a container. @see podman-run(1), --pull */
export type PodmanPull = 'always' | 'missing' | 'never' | 'newer';

/** [Container] keys of the props that containers of every engine have. @throws Error */
export function settingDirectives(
  set: DirectiveSet,
  props: EngineContainerProps & { readonly pull?: PodmanPull },
  at: string,
): DirectiveSet {
  const { labels, pull } = props;
  const prop = (name: string, keys: ContainerSection) => set.prop(name, 'Container', keys);
  const list = <T>(values: readonly T[]) => (values.length > 0 ? values : undefined);
  prop('labels', { Label: labels && Object.keys(labels).length > 0 ? labels : undefined });
  prop('hostname', { HostName: checkHostname(props.hostname, at) });
  prop('tmpfs', {
    Tmpfs: list(parseTmpfs(props.tmpfs, at).map(([path, options]) => (options ? `${path}:${options}` : path))),
  });
  const devices = checkDevices(props.devices, at);
  prop('devices', { AddDevice: list(devices.map((device) => `${device}:rw`)) });
  const ulimits = parseUlimits(props.ulimits, at);
  prop('ulimits', { Ulimit: list(ulimits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`)) });
  prop('shmSize', { ShmSize: memoryBytes(props.shmSize, at, 'shmSize') });
  prop('groups', { GroupAdd: list(checkGroups(props.groups, at)) });
  return prop('pull', { Pull: pull });
}

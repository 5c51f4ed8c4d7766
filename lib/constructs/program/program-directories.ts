import type { DirectiveSet } from '../props/directive-set';
import { EXEC_DIRECTORIES } from '../props/exec-directories';
import type { KnownProps } from '../props/known-props';

/** Props of a program for directories that systemd creates for its user. */
export interface ProgramDirectoriesProps {
  /**
   * Name of a directory below /var/lib that the service can write to. The directory outlives the service, and its path
   * is in `$STATE_DIRECTORY`. Only the service's own user can open it (StateDirectoryMode=0700). Becomes
   * StateDirectory=.
   * @default - none
   */
  readonly stateDirectory?: string;
  /**
   * Name of a directory below /run that the service can write to, such as for a socket. systemd deletes the directory
   * when the service stops. Its path is in `$RUNTIME_DIRECTORY`. Only the service's own user can open it
   * (RuntimeDirectoryMode=0700). Becomes RuntimeDirectory=.
   * @default - none
   * @see systemd.exec(5)
   */
  readonly runtimeDirectory?: string;
  /**
   * Name of a directory below /var/cache that the service can write to. The directory outlives the service, and its
   * path is in `$CACHE_DIRECTORY`. Only the service's own user can open it (CacheDirectoryMode=0700). Becomes
   * CacheDirectory=.
   * @default - none
   * @see systemd.exec(5)
   */
  readonly cacheDirectory?: string;
  /**
   * Name of a directory below /var/log that the service can write to. The directory outlives the service, and its path
   * is in `$LOGS_DIRECTORY`. Only the service's own user can open it (LogsDirectoryMode=0700). Becomes LogsDirectory=.
   * @default - none, since standard output is in the journal already
   * @see systemd.exec(5)
   */
  readonly logsDirectory?: string;
}

export const PROGRAM_DIRECTORIES_PROPS: KnownProps<ProgramDirectoriesProps> = {
  stateDirectory: true,
  runtimeDirectory: true,
  cacheDirectory: true,
  logsDirectory: true,
};

const DIRECTIVES = {
  stateDirectory: 'StateDirectory',
  runtimeDirectory: 'RuntimeDirectory',
  cacheDirectory: 'CacheDirectory',
  logsDirectory: 'LogsDirectory',
} as const;

/** [Service] directives of the directories, each closed to other users of the host. */
export function directoryDirectives(set: DirectiveSet, props: ProgramDirectoriesProps): DirectiveSet {
  for (const [prop, key] of Object.entries(DIRECTIVES)) {
    const name = props[prop as keyof ProgramDirectoriesProps];
    if (name === undefined) continue;
    set.prop(prop, 'Service', { [key]: name }).defaults('Service', { [`${key}Mode`]: '0700' });
  }
  return set;
}

/** Paths that an image must have, so that systemd can mount the directories there. /run is a new tmpfs. */
export function directoryMountPoints(props: ProgramDirectoriesProps): string[] {
  return Object.entries(DIRECTIVES).flatMap(([prop, key]) => {
    const name = props[prop as keyof ProgramDirectoriesProps];
    return name === undefined || key === 'RuntimeDirectory' ? [] : [EXEC_DIRECTORIES[key] + name];
  });
}

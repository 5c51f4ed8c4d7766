import { type NspawnExecSection, tuple } from '../../directives/index';
import { fail } from '../problem';
import { type CommonContainerProps, checkHostname, parseTmpfs, sharedMemory } from '../props/container-props';
import type { DirectiveSet } from '../props/directive-set';
import { parseUlimits, type Ulimit } from '../props/ulimits';

/** [Exec] and [Files] keys of the props that a machine shares with containers. @throws Error */
export function settingDirectives(set: DirectiveSet, props: CommonContainerProps, at: string): DirectiveSet {
  const directories = parseTmpfs(props.tmpfs, at).map(([path, options], index) =>
    // Without options, nspawn mounts the directory so that only root can write to it. In containers, all users can.
    tuple(checkOutsideRun(path, `${at}.tmpfs[${index}]`), ['nosuid', 'nodev', ...(options ? [options] : [])].join(',')),
  );
  const shared = sharedMemory(props, 'nosuid,nodev,mode=1777', at);
  const all = [...directories, ...(shared ? [tuple(...shared)] : [])];
  return set
    .prop('hostname', 'Exec', { Hostname: checkHostname(props.hostname, at) })
    .prop(directories.length > 0 ? 'tmpfs' : 'shmSize', 'Files', {
      TemporaryFileSystem: all.length > 0 ? all : undefined,
    })
    .prop('ulimits', 'Exec', Object.fromEntries(parseUlimits(props.ulimits, at).map(limitOf)) as NspawnExecSection);
}

// nspawn needs its own files in /run/host.
function checkOutsideRun(path: string, at: string): string {
  if (!/^\/+run(?:\/+host(?:\/.*)?)?\/*$/.test(path)) return path;
  return fail({
    action: 'mount',
    value: path,
    problem: 'systemd-nspawn has mounted its own directory in memory on /run, with mode 755',
    expected: 'a path such as "/run/app" or "/cache"',
    at,
  });
}

/** Value of RLIMIT_NICE that allows every nice level. systemd refuses a higher one. */
const ALL_NICE_LEVELS = 40;

function limitOf({ name, soft, hard }: Ulimit): readonly [key: string, value: string | number] {
  const word = (limit: number) => {
    if (name === 'nice') return limit === -1 ? ALL_NICE_LEVELS : Math.min(limit, ALL_NICE_LEVELS);
    return limit === -1 ? 'infinity' : limit;
  };
  return [`Limit${name.toUpperCase()}`, soft === hard ? word(hard) : `${word(soft)}:${word(hard)}`];
}

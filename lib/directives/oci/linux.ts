import { bool, integer, like, list, object, oneOf, table, text, unsigned, type ValueOf } from './schema';

/** Ranges of users or groups: from `containerID` on in the container, from `hostID` on on the host. */
export const MAPPINGS = list(
  object({ containerID: unsigned, hostID: unsigned, size: unsigned }, 'containerID', 'hostID', 'size'),
);

const ACTION = oneOf(
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
);

const OPERATOR = oneOf(
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
);

const SECCOMP = object(
  {
    defaultAction: ACTION,
    /** Number of the error that a refused call returns. */
    defaultErrnoRet: unsigned,
    /** Further architectures, beside that of the host. */
    architectures: list(like(/^SCMP_ARCH_[A-Z0-9_]+$/)),
    flags: list(like(/^SECCOMP_FILTER_FLAG_[A-Z_]+$/)),
    syscalls: list(
      object(
        {
          names: list(like(/^[a-z0-9_]+$/)),
          action: ACTION,
          errnoRet: unsigned,
          args: list(
            object({ index: unsigned, value: unsigned, valueTwo: unsigned, op: OPERATOR }, 'index', 'value', 'op'),
          ),
        },
        'names',
        'action',
      ),
    ),
  },
  'defaultAction',
);
export type OciSeccomp = ValueOf<typeof SECCOMP>;

const throttle = list(object({ major: integer, minor: integer, rate: unsigned }, 'major', 'minor', 'rate'));

const RESOURCES = object({
  /** Files of control groups v2, by name, such as `memory.high`. */
  unified: table(text),
  devices: list(
    object(
      { allow: bool, type: oneOf('a', 'b', 'c'), major: integer, minor: integer, access: like(/^[rwm]+$/) },
      'allow',
    ),
  ),
  /** Bytes. -1 means no limit. */
  memory: object({
    limit: integer,
    reservation: integer,
    /** Memory and swap together, in bytes. */
    swap: integer,
    swappiness: unsigned,
    disableOOMKiller: bool,
    checkBeforeUpdate: bool,
  }),
  cpu: object({
    shares: unsigned,
    /** Microseconds per `period`. -1 means no limit. */
    quota: integer,
    burst: unsigned,
    period: unsigned,
    realtimeRuntime: integer,
    realtimePeriod: unsigned,
    cpus: text,
    mems: text,
    idle: integer,
  }),
  pids: object({ limit: integer }, 'limit'),
  blockIO: object({
    weight: unsigned,
    leafWeight: unsigned,
    weightDevice: list(
      object({ major: integer, minor: integer, weight: unsigned, leafWeight: unsigned }, 'major', 'minor'),
    ),
    throttleReadBpsDevice: throttle,
    throttleWriteBpsDevice: throttle,
    throttleReadIOPSDevice: throttle,
    throttleWriteIOPSDevice: throttle,
  }),
  hugepageLimits: list(object({ pageSize: like(/^[1-9][0-9]*[KMG]B$/), limit: unsigned }, 'pageSize', 'limit')),
});
export type OciResources = ValueOf<typeof RESOURCES>;

/** `linux` of config.json. @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md */
export const LINUX = object({
  /**
   * Namespaces of the container. With `path`, the container joins an existing namespace. Otherwise it gets a new one. A
   * type that is not listed is shared with the host.
   */
  namespaces: list(
    object(
      { type: oneOf('pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'), path: like(/^\//) },
      'type',
    ),
  ),
  uidMappings: MAPPINGS,
  gidMappings: MAPPINGS,
  devices: list(
    object(
      {
        type: oneOf('c', 'b', 'u', 'p'),
        path: like(/^\//),
        major: integer,
        minor: integer,
        fileMode: unsigned,
        uid: unsigned,
        gid: unsigned,
      },
      'type',
      'path',
    ),
  ),
  cgroupsPath: text,
  resources: RESOURCES,
  rootfsPropagation: oneOf('private', 'shared', 'slave', 'unbindable'),
  seccomp: SECCOMP,
  sysctl: table(text),
  /** Absolute paths that nothing in the container can read. */
  maskedPaths: list(like(/^\//)),
  /** Absolute paths that nothing in the container can write to. */
  readonlyPaths: list(like(/^\//)),
  mountLabel: text,
  personality: object({ domain: oneOf('LINUX', 'LINUX32'), flags: list(text) }, 'domain'),
});
export type OciLinux = ValueOf<typeof LINUX>;

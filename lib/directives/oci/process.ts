import { bool, integer, like, list, object, oneOf, text, unsigned, type ValueOf } from './schema';

const capabilities = list(like(/^CAP_[A-Z_]+$/));

/** `process` of config.json. @see https://github.com/opencontainers/runtime-spec/blob/main/config.md#process */
export const PROCESS = object(
  {
    terminal: bool,
    consoleSize: object({ height: unsigned, width: unsigned }, 'height', 'width'),
    /** Absolute path of the directory in the container to start in. */
    cwd: like(/^\//),
    /** Environment variables, each as `NAME=value`. */
    env: list(text),
    /** The program and its arguments. */
    args: list(text),
    user: object({
      uid: unsigned,
      gid: unsigned,
      umask: unsigned,
      additionalGids: list(unsigned),
    }),
    capabilities: object({
      bounding: capabilities,
      effective: capabilities,
      inheritable: capabilities,
      permitted: capabilities,
      ambient: capabilities,
    }),
    rlimits: list(object({ type: like(/^RLIMIT_[A-Z]+$/), soft: unsigned, hard: unsigned }, 'type', 'soft', 'hard')),
    noNewPrivileges: bool,
    apparmorProfile: text,
    selinuxLabel: text,
    /** From -1000 to 1000. When memory runs out, the kernel kills processes with high values first. */
    oomScoreAdj: integer,
    ioPriority: object(
      { class: oneOf('IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE'), priority: integer },
      'class',
    ),
    scheduler: object(
      {
        policy: oneOf(
          'SCHED_OTHER',
          'SCHED_FIFO',
          'SCHED_RR',
          'SCHED_BATCH',
          'SCHED_ISO',
          'SCHED_IDLE',
          'SCHED_DEADLINE',
        ),
        nice: integer,
        priority: integer,
        flags: list(text),
        runtime: unsigned,
        deadline: unsigned,
        period: unsigned,
      },
      'policy',
    ),
  },
  'cwd',
  'args',
);
export type OciProcess = ValueOf<typeof PROCESS>;

import { LINUX, MAPPINGS, type OciLinux } from './linux';
import { type OciProcess, PROCESS } from './process';
import { bool, like, list, object, table, text, unsigned, type ValueOf } from './schema';

const HOOKS = list(object({ path: like(/^\//), args: list(text), env: list(text), timeout: unsigned }, 'path'));

const ROOT = object(
  {
    path: text,
    /** Whether the container may not write to its root. */
    readonly: bool,
  },
  'path',
);
export type OciRoot = ValueOf<typeof ROOT>;

const MOUNT = object(
  {
    destination: like(/^\//),
    type: text,
    source: text,
    /** As mount(8) takes them, and `rbind`, `rro`, `idmap`. */
    options: list(text),
    uidMappings: MAPPINGS,
    gidMappings: MAPPINGS,
  },
  'destination',
);
export type OciMount = ValueOf<typeof MOUNT>;

/** What stands beside `process`, `root` and `linux` in config.json. */
const CONFIG = object({
  hostname: text,
  domainname: text,
  /** In this order. */
  mounts: list(MOUNT),
  annotations: table(text),
  hooks: object({
    createRuntime: HOOKS,
    createContainer: HOOKS,
    startContainer: HOOKS,
    poststart: HOOKS,
    poststop: HOOKS,
  }),
});
export type OciConfig = ValueOf<typeof CONFIG>;

/**
 * The parts of config.json: its objects, and as `config` what stands beside them.
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md
 */
export const OCI_SECTIONS = { config: CONFIG, process: PROCESS, root: ROOT, linux: LINUX } as const;

/** A container as an OCI runtime takes it. */
export interface OciSpec {
  readonly config: OciConfig;
  readonly process: OciProcess;
  readonly root: OciRoot;
  readonly linux: OciLinux;
}

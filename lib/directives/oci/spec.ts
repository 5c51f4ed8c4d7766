import { LINUX, MAPPINGS, type OciLinux } from './linux';
import { type OciProcess, PROCESS } from './process';
import { bool, like, list, object, table, text, unsigned, type ValueOf } from './schema';

const HOOKS = list(object({ path: like(/^\//), args: list(text), env: list(text), timeout: unsigned }, 'path'));

const ROOT = object(
  {
    path: text,
    /** Whether the root is read-only. */
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
    /** Options of mount(8), and also `rbind`, `rro` and `idmap`. */
    options: list(text),
    uidMappings: MAPPINGS,
    gidMappings: MAPPINGS,
  },
  'destination',
);
export type OciMount = ValueOf<typeof MOUNT>;

/** Top-level values of config.json beside `process`, `root` and `linux`. */
const CONFIG = object({
  hostname: text,
  domainname: text,
  /** Mounts, in the order in which they are made. */
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
 * The sections of config.json: `process`, `root` and `linux`, and `config` for the other top-level values.
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md
 */
export const OCI_SECTIONS = { config: CONFIG, process: PROCESS, root: ROOT, linux: LINUX } as const;

/** The config.json of a container. */
export interface OciSpec {
  readonly config: OciConfig;
  readonly process: OciProcess;
  readonly root: OciRoot;
  readonly linux: OciLinux;
}

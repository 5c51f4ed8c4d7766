export type { Format } from './catalog';
export { type CheckTarget, checkDirectives, checkWritten } from './check';
export { checkRead } from './check-read';
export * from './enums.generated';
export { DirectiveError, type DirectiveProblem } from './error';
export type { InstanceConfig } from './instance/config';
export type { InstanceDevice } from './instance/devices';
export { type InstanceTarget, writeInstanceConfig, writeInstanceDevices } from './instance/write-instance';
export * from './link.generated';
export type { LxcConfig } from './lxc/keys';
export { writeSeccompProfile } from './lxc/seccomp-profile';
export { writeLxcConfig } from './lxc/write-config';
export * from './netdev.generated';
export * from './network.generated';
export type { NewestKey, NewestKeys } from './newest-key';
export * from './nspawn.generated';
export type { OciLinux, OciResources, OciSeccomp } from './oci/linux';
export type { OciProcess } from './oci/process';
export { seccompFor } from './oci/seccomp';
export type { OciConfig, OciMount, OciRoot, OciSpec } from './oci/spec';
export { OCI_SECTIONS } from './oci/spec';
export { writeSpec } from './oci/write-spec';
export * from './quadlet.generated';
export {
  type FileSections,
  type ReadOptions,
  type ReadProblem,
  type ReadResult,
  readDirectives,
  type SectionValues,
  type Source,
} from './reader/read-directives';
export type { Replacements, TokenEscaper } from './text';
export { tuple } from './tuple';
export * from './unit.generated';
export * from './values';
export { type WriteOptions, type WrittenFile, writeFile } from './write-file';

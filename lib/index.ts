export * from './constructs';
export {
  type Argv,
  type Capability,
  type Command,
  type CommandList,
  type NspawnFile,
  type QuadletFile,
  type Raw,
  type Reset,
  raw,
  reset,
  type SystemdUnit,
} from './directives';

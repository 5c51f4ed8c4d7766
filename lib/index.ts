export * from './constructs';
export {
  type Argv,
  type BuildSection,
  type Capability,
  type Command,
  type CommandList,
  type ContainerSection,
  type ImageSection,
  type InstallSection,
  type KubeSection,
  type NetworkSection,
  type NspawnExecSection,
  type NspawnFile,
  type NspawnFilesSection,
  type NspawnNetworkSection,
  type PodSection,
  type QuadletFile,
  type Raw,
  type Reset,
  raw,
  reset,
  type ServiceSection,
  type SystemdUnit,
  type UnitSection,
  type VolumeSection,
} from './directives';
export { BulkheadProvider } from './rendering/provider';
export { BulkheadService } from './rendering/service-resource';

export { type ApplyOptions, type ApplyResult, apply, type Wanted } from './apply';
export type { Change } from './changes';
export { recordAsApplied } from './claim';
export { ApplyError } from './errors';
export { HostSession } from './host-session';
export { causesOf, IMPACTS, type Impact, type ImpactKind, impactOn, impactsOf } from './impact';
export { tryLock } from './lock';
export { type ObserveRequest, observe } from './observe';
export { linksOf } from './parts/link';
export { planRemoval, planService } from './plan';
export {
  type ActualFile,
  type ActualUnit,
  type ActualUser,
  type HostFacts,
  type HostState,
  type Override,
  type ServiceRecord,
  stateFor,
  unitIn,
} from './state';
export type { Action, Obstacle, ServicePlan, Step } from './step';

export { type ApplyOptions, type ApplyResult, apply } from './apply';
export type { Change } from './changes';
export { closureOf } from './closure';
export { ApplyError, CutOffError } from './errors';
export { type HistoryEntry, readHistory } from './generations/history';
export { planRollback, rollBack } from './generations/roll-back';
export { hiddenValues, withHiddenValues } from './hidden-values';
export { HostSession } from './host-session';
export { causesOf, type Impact, impactOn, impactsOf } from './impact';
export { IMPACTS, type ImpactKind } from './impact-kinds';
export { type Lock, tryLock } from './lock';
export { type ObserveRequest, observe } from './observe/observe';
export { recordAsApplied } from './ownership';
export { linksOf } from './parts/link';
export { planRemoval, planService, planServices } from './plan';
export { lacksObject } from './plan-objects';
export { isSoundRecord } from './record';
export { type Remade, remadeBy, remadeFor } from './remade';
export { type RestartOptions, restart } from './restart';
export { commandOf } from './scope';
export type { ServiceRecord } from './service-record';
export { Sources } from './sources';
export {
  type ActualFile,
  type ActualInterface,
  type ActualUnit,
  type ActualUser,
  type HostFacts,
  type HostState,
  type Override,
  unitIn,
} from './state';
export { objectsAsMade, stateFor } from './state-for';
export type { Action, Move, Obstacle, ServicePlan, Step } from './step';
export { planTransfers, type Transfer, transfer } from './transfer';
export type { Value, Values } from './values';
export type { Wanted } from './wanted';

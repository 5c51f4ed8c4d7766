export type { LabGuest } from './guest';
export type { LabImages } from './images';
export { Lab } from './lab';
export type { LabInfo, LabOptions, LabStatus } from './lab-info';

export type { LabImages } from './images';
export { Lab, type LabInfo, type LabOptions, type LabStatus } from './lab';

export * from './claim-index';
export * from './claims';

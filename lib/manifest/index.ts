export * from './fields';
export * from './host';
export * from './manifest';
export * from './parts';
export * from './unit-file';

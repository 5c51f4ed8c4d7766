export { attachedArgv } from './attach';
export { type ConnectOptions, connect } from './connect';
export * from './transport';

export { type Address, parseAddress } from './address';
export { type ConnectOptions, connect } from './connect';
export * from './transport';

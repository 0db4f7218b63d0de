export { bind } from './address';
export { XdsServer, type ConnectedProxy, type Nack, type XdsServerOptions } from './server';
export type { Timing } from './connection';
export type { XdsNode } from './request';
export type { ConnectionStatus } from './status';

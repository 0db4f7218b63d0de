export { bind } from './address';
export { XdsServer, type ConnectedProxy, type Door, type Nack, type XdsServerOptions } from './server';
export type { Timing } from './connection';
export type { XdsNode } from './request';
export type { ConnectionStatus, TypeStatus } from './status';
export type { Rejection } from './subscription';

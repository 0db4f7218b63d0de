export * from './check';
export * from './configuration';
export type * from './network-policy';
export type { Misfit } from './shape';
export * from './service';
export * from './workload';

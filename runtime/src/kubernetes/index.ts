export * from './check';
export type * from './ingress';
export * from './configuration';
export * from './fields';
export type * from './network-policy';
export { withoutNulls } from './shape';
export type { Misfit, Shape } from './shape';
export * from './service';
export * from './workload';

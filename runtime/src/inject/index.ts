export * from './injector';
export * from './policy';
export * from './machine';

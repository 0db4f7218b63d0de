export * from './injector';
export * from './policy';

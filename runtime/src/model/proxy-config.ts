import type { ResourceRef } from './problem';
import type { Labels } from './workload';

/** What some proxies are started with and told besides: a ProxyConfig. */
export interface ProxyConfig {
  readonly resource: ResourceRef;
  readonly namespace: string;
  /** Undefined: all proxies of the namespace. */
  readonly selector?: Labels;
  /** In the words of MeshConfig's `defaultConfig`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly created: string;
}

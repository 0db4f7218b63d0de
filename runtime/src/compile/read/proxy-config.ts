import type { MeshProxyConfig, ProxyConfigSpec } from '../../istio';
import type { ProxyConfig } from '../../model/proxy-config';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';

/** Of the root namespace for the whole mesh, else for its namespace; with a selector for some proxies of it. */
export function readProxyConfig(resource: Resource): readonly ProxyConfig[] {
  const { selector, concurrency, environmentVariables, image } = resource.spec as ProxyConfigSpec ?? {};
  const labels = selector?.matchLabels ?? {};
  const config: MeshProxyConfig = {
    ...(concurrency !== undefined && { concurrency }),
    ...(environmentVariables && { proxyMetadata: environmentVariables }),
    ...(image && { image }),
  };
  return [{
    resource: refOf(resource),
    namespace: resource.metadata.namespace,
    selector: Object.keys(labels).length > 0 ? labels : undefined,
    config: config as Readonly<Record<string, unknown>>,
    created: resource.metadata.creationTimestamp ?? '',
  }];
}

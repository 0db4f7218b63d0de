import type { Cluster } from '../../envoy';
import type { Service, ServicePort } from '../../model/service';

interface Named {
  readonly service: Service;
  readonly port: ServicePort;
  readonly subset?: string;
  readonly target?: number;
}

/**
 * What statistics of a cluster are called, by the pattern of MeshConfig; without one they bear the cluster's name
 * (https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/, `outboundClusterStatName`). The name ends with `;`, as in Istio, because
 * hosts have dots.
 */
export function statName(pattern: string | undefined, { service, port, subset = '', target = 0 }: Named): Pick<Cluster, 'altStatName'> {
  if (pattern === undefined) {
    return {};
  }
  const { host, namespace, registry, resource } = service;
  const values: Readonly<Record<string, string>> = {
    SERVICE: registry === 'kubernetes' ? `${resource.name}.${namespace}` : host,
    SERVICE_NAME: registry === 'kubernetes' ? resource.name : host,
    SERVICE_FQDN: host,
    SERVICE_PORT: String(port.number),
    SERVICE_PORT_NAME: port.name,
    TARGET_PORT: String(target),
    SUBSET_NAME: subset,
  };
  return { altStatName: `${pattern.replace(/%([A-Z_]+)%/g, (text, name: string) => values[name] ?? text)};` };
}

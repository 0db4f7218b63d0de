import { serviceHost } from '../../model/host';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import type { Service, ServicePort } from '../../model/service';
import { portProtocol } from '../../model/protocol';
import { readExportTo } from './export-to';
import { readFeatures } from './rooms';
import { readDistribution } from './traffic-distribution';

/** What of a Kubernetes Service matters here. */
interface ServiceSpec {
  readonly type?: string;
  readonly externalName?: string;
  readonly trafficDistribution?: string;
  readonly internalTrafficPolicy?: string;
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly ServicePortSpec[];
}

interface ServicePortSpec {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

const EXPORT_ANNOTATION = 'networking.istio.io/exportTo';

export function readService(resource: Resource, place: Place): readonly Service[] {
  const spec = (resource.spec ?? {}) as ServiceSpec;
  const { name, namespace, labels, annotations } = resource.metadata;
  const addresses = addressesOf(spec);
  return [{
    resource: refOf(resource),
    host: serviceHost(name, namespace),
    namespace,
    registry: 'kubernetes',
    ports: (spec.ports ?? []).map(readPort),
    addresses,
    resolution: spec.type === 'ExternalName' ? 'alias' : addresses.length === 0 ? 'original' : 'endpoints',
    meshExternal: false,
    distribution: readDistribution(spec.trafficDistribution, annotations),
    ...(spec.internalTrafficPolicy === 'Local' && { ownNodeOnly: true }),
    exportTo: readExportTo(annotations?.[EXPORT_ANNOTATION]?.split(',').map((one) => one.trim()), namespace),
    labels: labels ?? {},
    // Kubernetes looks for no pods behind a name for something else.
    selector: spec.type === 'ExternalName' ? undefined : spec.selector,
    endpoints: [],
    subjectAltNames: [],
    autoAddresses: [],
    features: readFeatures(annotations, place),
    aliasOf: spec.type === 'ExternalName' ? spec.externalName?.toLowerCase().replace(/\.$/, '') : undefined,
    created: resource.metadata.creationTimestamp ?? '',
  }];
}

function addressesOf(spec: ServiceSpec): readonly string[] {
  const all = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  return all.filter((address) => address !== 'None' && address !== '');
}

function readPort(spec: ServicePortSpec): ServicePort {
  const target = spec.targetPort ?? spec.port;
  return {
    number: spec.port,
    name: spec.name ?? '',
    protocol: portProtocol({ number: spec.port, name: spec.name, appProtocol: spec.appProtocol, transport: spec.protocol }),
    targetPort: typeof target === 'number' ? target : undefined,
    targetName: typeof target === 'string' ? target : undefined,
  };
}

import { isIPv6 } from 'node:net';
import type { Endpoint, EndpointPort, EndpointSlice } from '../kubernetes';
import { SERVICE_NAME_LABEL } from '../kubernetes';
import type { Resource } from '../model/resource';

interface Subset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly EndpointPort[];
}

interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: Endpoint['targetRef'];
}

/** What people write for a Service without a selector; Kubernetes reads EndpointSlices only, and copies them there. */
interface Endpoints extends Resource {
  readonly subsets?: readonly Subset[];
}

const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';

/** The EndpointSlices that the mirroring controller makes, one for each subset and family. */
export function mirroredSlices(resource: Resource): EndpointSlice[] {
  const { metadata: { name, namespace, labels, annotations }, subsets = [] } = resource as Endpoints;
  if (labels?.[SKIP_LABEL] === 'true' || annotations?.[LEADER_ANNOTATION] !== undefined) return [];
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, i) => {
    const all = [...addresses.map((address) => endpoint(address, true)), ...notReadyAddresses.map((address) => endpoint(address, false))];
    return (['IPv4', 'IPv6'] as const).flatMap((addressType): EndpointSlice[] => {
      const endpoints = all.filter(({ addresses: [ip] }) => isIPv6(ip) === (addressType === 'IPv6'));
      return endpoints.length === 0 ? [] : [{
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: `${name}-mirrored-${i}${addressType === 'IPv6' ? '-6' : ''}`, namespace, labels: { [SERVICE_NAME_LABEL]: name } },
        addressType,
        endpoints,
        ports: ports.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' })),
      }];
    });
  });
}

function endpoint({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return { addresses: [ip], conditions: { ready }, ...(hostname && { hostname }), ...(nodeName && { nodeName }), ...(targetRef && { targetRef }) };
}

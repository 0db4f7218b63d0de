import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL, SLICE_CONTROLLER } from '../kubernetes';
import type { ContainerPort, Endpoint, EndpointPort, EndpointSlice, Pod, Service, ServicePort } from '../kubernetes';
import { nameHash } from './hash';
import { isReady } from './pods';

/**
 * The EndpointSlices of a Service with a selector, from the pods that it selects. As in Kubernetes, pods for which the Service's ports
 * stand for different numbers are in different slices, and pods that are not ready are listed as such.
 */
export function endpointSlices(service: Service, pods: readonly Pod[]): EndpointSlice[] {
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const ports = (service.spec?.ports ?? []).flatMap((port) => targetPort(port, pod));
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpoint(service, pod));
    groups.set(key, group);
  }
  return [...groups].map(([key, { ports, endpoints }]) => slice(service, nameHash(key), { ports, endpoints }));
}

function slice(service: Service, suffix: string, content: { readonly ports: EndpointPort[]; readonly endpoints: Endpoint[] }): EndpointSlice {
  const { name, namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${suffix}`,
      namespace,
      labels: {
        [MANAGED_BY_LABEL]: SLICE_CONTROLLER,
        [SERVICE_NAME_LABEL]: name,
        ...(service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
      },
    },
    addressType: 'IPv4',
    ...content,
  };
}

function endpoint(service: Service, pod: Pod): Endpoint {
  const ready = isReady(pod);
  const { hostname, subdomain, nodeName } = pod.spec;
  return {
    addresses: [pod.status.podIP],
    conditions: { ready: ready || service.spec?.publishNotReadyAddresses === true, serving: ready, terminating: false },
    // Only the Service that the pod names as its subdomain gives it a name of its own.
    ...(hostname && subdomain === service.metadata.name ? { hostname } : {}),
    nodeName,
    targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace },
  };
}

function targetPort(port: ServicePort, pod: Pod): EndpointPort[] {
  const { name = '', protocol = 'TCP', appProtocol, targetPort: target = port.port } = port;
  const number = typeof target === 'number' ? target : namedPort(target, protocol, pod);
  return number === undefined ? [] : [{ name, port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }];
}

function namedPort(name: string, protocol: string, pod: Pod): number | undefined {
  const sidecars = pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  const ports: readonly ContainerPort[] = [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)?.containerPort;
}

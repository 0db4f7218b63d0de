import type { Resource } from '../model/resource';
import { address, flag, integer, label, list, map, misfit, numberOrName, object, port, portName, portOrName, text } from './shape';
import type { Misfit, Shape } from './shape';

const metadata = object({ name: text, namespace: text, labels: map(text), annotations: map(text), creationTimestamp: text });

const ENDPOINT_ADDRESS = object({ ip: address, hostname: text, nodeName: text, targetRef: object({ kind: text, name: text, namespace: text }) }, 'ip');

const container = object({
  name: text,
  image: text,
  command: list(text),
  args: list(text),
  restartPolicy: text,
  ports: list(object({ name: portName, containerPort: port, protocol: text }, 'containerPort')),
  env: list(object({
    name: text,
    value: text,
    valueFrom: object({
      fieldRef: object({ fieldPath: text }, 'fieldPath'),
      configMapKeyRef: object({ name: text, key: text }, 'key'),
      secretKeyRef: object({ name: text, key: text }, 'key'),
    }),
  }, 'name')),
}, 'name');

const podSpec = object({
  containers: list(container),
  initContainers: list(container),
  serviceAccountName: text,
  hostNetwork: flag,
  hostname: text,
  subdomain: text,
  nodeName: text,
  nodeSelector: map(text),
  volumes: list(object({ name: text }, 'name')),
  securityContext: object({ sysctls: list(object({ name: text, value: text }, 'name')) }),
}, 'containers');

const workload = (...required: string[]): Shape => object({
  metadata,
  spec: object({
    replicas: integer,
    parallelism: integer,
    serviceName: text,
    ordinals: object({ start: integer }),
    selector: object({ matchLabels: map(text) }),
    template: object({ metadata: object({ labels: map(text), annotations: map(text) }), spec: podSpec }, 'spec'),
  }, 'template', ...required),
}, 'spec');

const labelSelector = object({
  matchLabels: map(text),
  matchExpressions: list(object({ key: text, operator: text, values: list(text) }, 'key', 'operator')),
});

const networkPolicyRule = (peers: string): Shape => list(object({
  [peers]: list(object({ podSelector: labelSelector, namespaceSelector: labelSelector, ipBlock: object({ cidr: text, except: list(text) }, 'cidr') })),
  ports: list(object({ protocol: text, port: numberOrName, endPort: integer })),
}));

const ingressBackend = object({
  service: object({ name: text, port: object({ number: integer, name: text }) }, 'name'),
  resource: object({ apiGroup: text, kind: text, name: text }, 'kind', 'name'),
});

/** What objects of Kubernetes look like, as far as the runtime reads them, by `group/Kind`. */
export const KUBERNETES_SHAPES: Readonly<Record<string, Shape>> = {
  'networking.k8s.io/Ingress': object({
    metadata,
    spec: object({
      ingressClassName: text,
      defaultBackend: ingressBackend,
      tls: list(object({ hosts: list(text), secretName: text })),
      rules: list(object({
        host: text,
        http: object({ paths: list(object({ path: text, pathType: text, backend: ingressBackend }, 'pathType', 'backend')) }, 'paths'),
      })),
    }),
  }, 'spec'),
  'networking.k8s.io/IngressClass': object({ metadata, spec: object({ controller: text }) }),
  '/Service': object({
    metadata,
    spec: object({
      type: text,
      clusterIP: text,
      clusterIPs: list(text),
      externalIPs: list(text),
      externalName: text,
      trafficDistribution: text,
      selector: map(text),
      publishNotReadyAddresses: flag,
      ports: list(object({ name: label, port, protocol: text, appProtocol: text, targetPort: portOrName, nodePort: integer }, 'port')),
    }),
  }, 'spec'),
  '/Pod': object({ metadata, spec: podSpec }, 'spec'),
  '/Namespace': object({ metadata }),
  '/Node': object({ metadata }),
  '/ServiceAccount': object({ metadata }),
  '/ConfigMap': object({ metadata, data: map(text), binaryData: map(text) }),
  '/Secret': object({ metadata, type: text, data: map(text), stringData: map(text) }),
  'apps/Deployment': workload('selector'),
  'apps/ReplicaSet': workload('selector'),
  'apps/StatefulSet': workload('selector'),
  'apps/DaemonSet': workload('selector'),
  'batch/Job': workload(),
  'networking.k8s.io/NetworkPolicy': object({
    metadata,
    spec: object({ podSelector: labelSelector, policyTypes: list(text), ingress: networkPolicyRule('from'), egress: networkPolicyRule('to') }),
  }, 'spec'),
  // Only its labels are read: one tells that namespaces may route their own hosts only.
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': object({ metadata }),
  '/Endpoints': object({
    metadata,
    subsets: list(object({
      addresses: list(ENDPOINT_ADDRESS),
      notReadyAddresses: list(ENDPOINT_ADDRESS),
      ports: list(object({ name: text, port: integer, protocol: text, appProtocol: text }, 'port')),
    })),
  }),
  'discovery.k8s.io/EndpointSlice': object({
    metadata,
    addressType: text,
    endpoints: list(object({
      addresses: list(address),
      conditions: object({ ready: flag, serving: flag, terminating: flag }),
      hostname: text,
      nodeName: text,
      zone: text,
      targetRef: object({ kind: text, name: text, namespace: text }),
    }, 'addresses')),
    ports: list(object({ name: text, port: integer, protocol: text, appProtocol: text })),
  }),
};

/** What is wrong with the labels and the like, which no definition of a kind describes. */
export function checkMetadata(resource: Resource): Misfit | undefined {
  return misfit(object({ metadata }), resource);
}

/** The kinds of Kubernetes that the runtime reads, as `group/Kind`. */
export const KUBERNETES_KINDS: ReadonlySet<string> = new Set(Object.keys(KUBERNETES_SHAPES));

/** The first field of an object of Kubernetes that is not what the Kubernetes API would take. */
export function checkKubernetes(groupKind: string, resource: Resource): Misfit | undefined {
  return misfit(KUBERNETES_SHAPES[groupKind], resource);
}

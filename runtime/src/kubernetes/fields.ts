import type { Schema } from '../../../imports/checks/schema';

const text: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };
const flag: Schema = { type: 'boolean' };
const numberOrName: Schema = { type: 'int-or-string' };
const list = (items: Schema): Schema => ({ type: 'array', items });
const object = (fields: Readonly<Record<string, Schema>>): Schema => ({ type: 'object', fields });

const backend = object({
  service: object({ name: text, port: object({ number: integer, name: text }) }),
  resource: object({ apiGroup: text, kind: text, name: text }),
});

/** Every field of the kinds of Kubernetes that are configuration of the mesh too, as Kubernetes 1.36 has them; those of workloads are not. */
export const KUBERNETES_FIELDS: Readonly<Record<string, Schema>> = {
  // https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
  '/Service': object({
    spec: object({
      allocateLoadBalancerNodePorts: flag,
      clusterIP: text,
      clusterIPs: list(text),
      externalIPs: list(text),
      externalName: text,
      externalTrafficPolicy: { type: 'string', enum: ['Cluster', 'Local'] },
      healthCheckNodePort: integer,
      internalTrafficPolicy: { type: 'string', enum: ['Cluster', 'Local'] },
      ipFamilies: list(text),
      ipFamilyPolicy: text,
      loadBalancerClass: text,
      loadBalancerIP: text,
      loadBalancerSourceRanges: list(text),
      ports: list(object({
        name: text, port: integer, protocol: { type: 'string', enum: ['TCP', 'UDP', 'SCTP'] }, appProtocol: text, targetPort: numberOrName, nodePort: integer,
      })),
      publishNotReadyAddresses: flag,
      selector: { type: 'map', values: text },
      sessionAffinity: { type: 'string', enum: ['None', 'ClientIP'] },
      sessionAffinityConfig: object({ clientIP: object({ timeoutSeconds: integer }) }),
      trafficDistribution: { type: 'string', enum: ['PreferClose', 'PreferSameZone', 'PreferSameNode'] },
      type: { type: 'string', enum: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] },
    }),
  }),
  // https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/
  'networking.k8s.io/Ingress': object({
    spec: object({
      defaultBackend: backend,
      ingressClassName: text,
      rules: list(object({
        host: text,
        http: object({ paths: list(object({ path: text, pathType: { type: 'string', enum: ['Exact', 'Prefix', 'ImplementationSpecific'] }, backend })) }),
      })),
      tls: list(object({ hosts: list(text), secretName: text })),
    }),
  }),
};

const BALANCER = 'it is for the load balancer in front of the cluster, which the cloud makes: proxies of the mesh come after it, in Istio too';
const FAMILIES = 'addresses are those of IPv4 here: docs/ipv6.md says what works';

/** What of the kinds of Kubernetes that configure the mesh is not handled. */
export const UNSUPPORTED_KUBERNETES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/Service': {
    'spec.allocateLoadBalancerNodePorts': BALANCER,
    'spec.externalTrafficPolicy': BALANCER,
    'spec.healthCheckNodePort': BALANCER,
    'spec.loadBalancerClass': BALANCER,
    'spec.loadBalancerIP': BALANCER,
    'spec.loadBalancerSourceRanges': BALANCER,
    'spec.clusterIPs': `the first is clusterIP, and a second one would be of IPv6; ${FAMILIES}`,
    'spec.ipFamilies': FAMILIES,
    'spec.ipFamilyPolicy': FAMILIES,
    'spec.sessionAffinity': 'it is for callers without a proxy, which kube-proxy serves; Istio does not look at it either: write consistentHash with useSourceIp into a DestinationRule',
    'spec.sessionAffinityConfig': 'it belongs to sessionAffinity, which Istio does not look at either',
  },
  'networking.k8s.io/Ingress': {
    'spec.defaultBackend.resource': 'Istio routes to Services only',
    'spec.rules[].http.paths[].backend.resource': 'Istio routes to Services only',
  },
};

/** Nothing is missing where others act on them; dumps of clusters are full of them. */
export const HARMLESS_KUBERNETES: Readonly<Record<string, Readonly<Record<string, readonly unknown[] | true>>>> = {
  '/Service': {
    'spec.allocateLoadBalancerNodePorts': true,
    'spec.externalTrafficPolicy': true,
    'spec.healthCheckNodePort': true,
    'spec.loadBalancerClass': true,
    'spec.loadBalancerIP': true,
    'spec.loadBalancerSourceRanges': true,
    'spec.clusterIPs': true,
    'spec.ipFamilies': true,
    'spec.ipFamilyPolicy': ['SingleStack', 'PreferDualStack'],
    'spec.sessionAffinity': ['None'],
    'spec.sessionAffinityConfig': true,
  },
  // The reader tells what becomes of the path.
  'networking.k8s.io/Ingress': { 'spec.defaultBackend.resource': true, 'spec.rules[].http.paths[].backend.resource': true },
};

import type { Service } from '../../src/kubernetes';
import type { Resource } from '../../src/model/resource';
import { resourcesOf } from '../../src/model/snapshot';
import { Cluster } from '../../src/source';
import { deployment, objects, pods, resource, service } from './objects';

function world(...resources: Resource[]): Cluster {
  const cluster = new Cluster({ installedGateways: true });
  cluster.replace(objects(...resources));
  return cluster;
}

function gateway(selector: object, number = 80, name = 'shop'): Resource {
  return resource('networking.istio.io/v1', 'Gateway', name, { spec: { selector, servers: [{ port: { number, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }] } });
}

const ingress = gateway({ istio: 'ingressgateway' });
const standing = (cluster: Cluster): string[] => [...resourcesOf(cluster.snapshot(), 'apps/Deployment').keys()].sort();
const ports = (cluster: Cluster, key = 'istio-system/istio-ingressgateway') =>
  ((resourcesOf(cluster.snapshot(), '/Service').get(key) as Service | undefined)?.spec?.ports ?? []).map(({ port, targetPort }) => `${port}:${targetPort}`);

test('a Gateway that selects what Istio\'s installer leaves has it: proxy, Service and ports', () => {
  const cluster = world(ingress);
  expect(standing(cluster)).toEqual(['istio-system/istio-ingressgateway']);
  expect(ports(cluster)).toEqual(['15021:15021', '80:8080', '443:8443']);
  const [pod] = pods(cluster.snapshot());
  expect(pod.metadata.labels).toMatchObject({ app: 'istio-ingressgateway', istio: 'ingressgateway' });
  expect(pod.spec.containers.map(({ name, args }) => [name, args?.[1]])).toEqual([['istio-proxy', 'router']]);
});

test('ports beyond the installer\'s are opened, those of the pods are not opened twice', () => {
  const cluster = world(gateway({ istio: 'ingressgateway' }, 31400), gateway({ app: 'istio-ingressgateway' }, 8080, 'second'), gateway({ istio: 'ingressgateway' }, 99_999, 'third'));
  expect(ports(cluster)).toEqual(['15021:15021', '80:8080', '443:8443', '31400:31400']);
});

test('egress, the chart\'s gateway, an Ingress of Istio\'s class, and a Gateway of the Gateway API at its address', () => {
  expect(standing(world(gateway({ istio: 'egressgateway' })))).toEqual(['istio-system/istio-egressgateway']);
  expect(standing(world(gateway({ istio: 'ingress' })))).toEqual(['istio-ingress/istio-ingress']);
  const rules = resource('networking.k8s.io/v1', 'Ingress', 'web', { spec: { ingressClassName: 'istio', rules: [] } });
  expect(standing(world(rules))).toEqual([]);
  const own = { ...resource('networking.k8s.io/v1', 'IngressClass', 'istio', { spec: { controller: 'istio.io/ingress-controller' } }), metadata: { name: 'istio', namespace: '' } };
  expect(standing(world(rules, own))).toEqual(['istio-system/istio-ingressgateway']);
  const annotated = { ...rules, metadata: { ...rules.metadata, annotations: { 'kubernetes.io/ingress.class': 'istio' } }, spec: { rules: [] } };
  expect(standing(world(annotated))).toEqual(['istio-system/istio-ingressgateway']);
  expect(standing(world(resource('gateway.networking.k8s.io/v1', 'Gateway', 'web', {
    spec: {
      gatewayClassName: 'istio',
      addresses: [{ type: 'Hostname', value: 'istio-ingressgateway.istio-system.svc.cluster.local' }],
      listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
    },
  })))).toEqual(['istio-system/istio-ingressgateway']);
});

test('nobody asks, or asks for something else: nothing', () => {
  expect(standing(world())).toEqual([]);
  expect(standing(world(gateway({}), gateway({ istio: 'ingressgateway', shop: 'yes' }, 80, 'second')))).toEqual([]);
});

test('who has a gateway keeps it, also later', () => {
  const own = deployment('edge', 1, { labels: { istio: 'ingressgateway' } });
  expect(standing(world(ingress, own))).toEqual(['default/edge']);
  const cluster = world(ingress);
  cluster.apply(objects(own));
  expect(standing(cluster)).toEqual(['default/edge']);
  expect(ports(cluster)).toEqual([]);
  cluster.replace(objects(ingress));
  expect(standing(cluster)).toEqual(['istio-system/istio-ingressgateway']);
  cluster.replace(objects());
  expect(standing(cluster)).toEqual([]);
  expect(pods(cluster.snapshot())).toEqual([]);
});

test('a Service of that name stays the user\'s', () => {
  const given = service('istio-ingressgateway', { selector: { istio: 'ingressgateway' }, ports: [{ port: 8000, targetPort: 8080 }] });
  const own = { ...given, metadata: { ...given.metadata, namespace: 'istio-system' } };
  const cluster = world(ingress, own);
  expect(ports(cluster)).toEqual(['8000:8080']);
  cluster.replace(objects(ingress));
  expect(ports(cluster)).toEqual(['15021:15021', '80:8080', '443:8443']);
  cluster.replace(objects(ingress, own));
  expect(ports(cluster)).toEqual(['8000:8080']);
});

test('an edit elsewhere changes none of its objects', () => {
  const cluster = world(ingress);
  const before = resourcesOf(cluster.snapshot(), 'apps/Deployment').get('istio-system/istio-ingressgateway');
  cluster.apply(objects(deployment('web'), gateway({ istio: 'ingressgateway' }, 31400, 'second')));
  expect(resourcesOf(cluster.snapshot(), 'apps/Deployment').get('istio-system/istio-ingressgateway')).toBe(before);
  expect(ports(cluster)).toContain('31400:31400');
});

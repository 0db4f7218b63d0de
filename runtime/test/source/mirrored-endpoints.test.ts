import { Cluster, parseText } from '../../src/source';
import { resourcesOf } from '../../src/model/snapshot';

const slicesOf = (yaml: string): string[] => {
  const cluster = new Cluster();
  cluster.replace(parseText(yaml, { file: 'in.yaml', folder: '.' }).objects);
  expect(cluster.problems()).toEqual([]);
  expect(cluster.ignored()).toEqual([]);
  return [...resourcesOf(cluster.snapshot(), 'discovery.k8s.io/EndpointSlice').keys()];
};

const service = (spec: string) => `
apiVersion: v1
kind: Service
metadata: { name: outside }
spec: { ports: [{ name: http, port: 80 }]${spec} }
---`;
const endpoints = (metadata = '') => `
apiVersion: v1
kind: Endpoints
metadata: { name: outside${metadata} }
subsets: [{ addresses: [{ ip: 198.51.100.7 }, { ip: '2001:db8::7' }], ports: [{ name: http, port: 8080 }] }]
---`;

test('Endpoints that somebody wrote are those of a Service without a selector, whichever comes first', () => {
  expect(slicesOf(service('') + endpoints())).toEqual(['default/outside-mirrored-0', 'default/outside-mirrored-0-6']);
  expect(slicesOf(endpoints() + service(''))).toEqual(['default/outside-mirrored-0', 'default/outside-mirrored-0-6']);
});

test('Endpoints count for nothing beside a selector, without a Service, and where they are not to be mirrored', () => {
  expect(slicesOf(service(', selector: { app: web }') + endpoints())).toEqual([]);
  expect(slicesOf(endpoints())).toEqual([]);
  expect(slicesOf(service('') + endpoints(', labels: { endpointslice.kubernetes.io/skip-mirror: "true" }'))).toEqual([]);
});

test('Endpoints that go take their slices with them', () => {
  const cluster = new Cluster();
  const objects = parseText(service('') + endpoints(), { file: 'in.yaml', folder: '.' }).objects;
  cluster.replace(objects);
  cluster.replace(objects.slice(0, 1));
  expect(resourcesOf(cluster.snapshot(), 'discovery.k8s.io/EndpointSlice').size).toBe(0);
});

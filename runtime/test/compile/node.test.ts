import { parseNode } from '../../src/compile';

test('a sidecar is known by its id and its metadata', () => {
  expect(parseNode({
    id: 'sidecar~10.244.0.7~reviews-v1-0.bookinfo~bookinfo.svc.cluster.local',
    metadata: { LABELS: { app: 'reviews' }, SERVICE_ACCOUNT: 'reviews', INSTANCE_IPS: '10.244.0.7,fd00::7' },
  })).toMatchObject({
    type: 'sidecar', name: 'reviews-v1-0', namespace: 'bookinfo', labels: { app: 'reviews' }, serviceAccount: 'reviews', addresses: ['10.244.0.7', 'fd00::7'],
  });
});

test('metadata says the namespace, whatever the id says', () => {
  expect(parseNode({ id: 'router~10.0.0.1~edge.shop~shop.svc.cluster.local', metadata: { NAMESPACE: 'istio-system' } })).toMatchObject({ namespace: 'istio-system' });
});

test.each(['', 'sidecar', 'ztunnel~10.0.0.1~a.b~c', 'sidecar~10.0.0.1~~c', 'sidecar~1~a.b~c~d'])('fails for %j with a sentence', (id) => {
  expect(parseNode({ id })).toMatch(/is not of the form sidecar~<address>/);
});

test('fails for nothing else, whatever the metadata is', () => {
  const metadata = { LABELS: 'no map', NAMESPACE: 7, INSTANCE_IPS: [], ['__proto__']: { NAMESPACE: 'x' } };
  expect(parseNode({ id: 'sidecar~10.0.0.1~a.b~b.svc.cluster.local', metadata })).toMatchObject({ namespace: 'b', labels: {} });
});

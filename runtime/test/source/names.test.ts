import { Cluster, dnsAliases, dnsNames } from '../../src/source';
import { deployment, objects, pods, resource, service } from './objects';

test('services, headless services with their pods, other names, and nothing of ServiceEntries', () => {
  const set = { ...deployment('db', 2), kind: 'StatefulSet' };
  const cluster = new Cluster();
  cluster.apply(objects(
    service('web', { clusterIP: '10.96.7.7' }),
    service('db', { clusterIP: 'None' }),
    { ...set, spec: { ...set.spec as object, serviceName: 'db' } },
    service('outside', { type: 'ExternalName', externalName: 'api.example.com.', selector: undefined }),
    resource('networking.istio.io/v1', 'ServiceEntry', 'partner', {
      spec: { hosts: ['partner.example', '*.partner.example'], addresses: ['192.0.2.7', '198.51.100.0/24'], ports: [{ name: 'tcp', number: 80, protocol: 'TCP' }] },
    }),
    resource('networking.istio.io/v1', 'ServiceEntry', 'nowhere', { spec: { hosts: ['nowhere.example'], ports: [{ name: 'tcp', number: 80, protocol: 'TCP' }] } }),
  ));
  const [first, second] = pods(cluster.snapshot()).map(({ status }) => status.podIP);
  expect(Object.fromEntries(dnsNames(cluster.snapshot()))).toEqual({
    'web.default.svc.cluster.local': ['10.96.7.7'],
    'db.default.svc.cluster.local': [first, second],
    'db-0.db.default.svc.cluster.local': [first],
    'db-1.db.default.svc.cluster.local': [second],
  });
  expect(Object.fromEntries(dnsAliases(cluster.snapshot()))).toEqual({ 'outside.default.svc.cluster.local': 'api.example.com' });
  cluster.setReady('default/db-0', false);
  expect(dnsNames(cluster.snapshot()).get('db.default.svc.cluster.local')).toEqual([second]);
  expect(dnsNames(cluster.snapshot()).has('db-0.db.default.svc.cluster.local')).toBe(false);
});

import { Cluster } from '../../src/source';
import type { Resource } from '../../src/model/resource';
import { resourcesOf } from '../../src/model/snapshot';

const KIND = 'security.istio.io/AuthorizationPolicy';

function policy(spec: object): { readonly resource: Resource } {
  return { resource: { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata: { name: 'web', namespace: 'shop' }, spec } };
}

function specOf(cluster: Cluster): unknown {
  return resourcesOf(cluster.snapshot(), KIND).get('shop/web')?.spec;
}

const SELECTOR = { matchLabels: { app: 'web' } };
const BROKEN = { selector: SELECTOR, action: 'PERMIT', rules: [{}] };

test('an access policy that cannot be read lets nobody in', () => {
  const cluster = new Cluster();
  cluster.apply([policy(BROKEN)]);
  expect(specOf(cluster)).toEqual({ selector: SELECTOR, action: 'DENY', rules: [{}] });
  expect(cluster.problems().map(({ message }) => message)).toContainEqual(expect.stringContaining('everything is denied to the workloads that it is for'));
});

test('one that does not even say for whom it is closes its namespace', () => {
  const cluster = new Cluster();
  cluster.apply([policy({ selector: { matchLabels: { app: 'w*' } }, rules: [{}] })]);
  expect(specOf(cluster)).toEqual({ action: 'DENY', rules: [{}] });
});

test('the version that could be read stays instead, and the next one counts', () => {
  const cluster = new Cluster();
  const good = { selector: SELECTOR, rules: [{ to: [{ operation: { methods: ['GET'] } }] }] };
  cluster.apply([policy(good)]);
  cluster.apply([policy(BROKEN)]);
  expect(specOf(cluster)).toEqual(good);
  cluster.replace([policy(BROKEN)]);
  expect(specOf(cluster)).toEqual(good);
});

test('what was closed opens with the first version that can be read', () => {
  const cluster = new Cluster();
  cluster.apply([policy(BROKEN)]);
  cluster.apply([policy({ ...BROKEN, rules: 7 })]);
  expect(specOf(cluster)).toEqual({ selector: SELECTOR, action: 'DENY', rules: [{}] });
  cluster.apply([policy({ rules: [{}] })]);
  expect(specOf(cluster)).toEqual({ rules: [{}] });
});

test('tokens that cannot be verified as told are good for nothing', () => {
  const cluster = new Cluster();
  const rule = { issuer: 'a', audiences: [''] };
  cluster.apply([{ resource: { apiVersion: 'security.istio.io/v1', kind: 'RequestAuthentication', metadata: { name: 'users', namespace: 'shop' }, spec: { selector: SELECTOR, jwtRules: [rule] } } }]);
  const closed = resourcesOf(cluster.snapshot(), 'security.istio.io/RequestAuthentication').get('shop/users')?.spec;
  expect(closed).toEqual({ selector: SELECTOR, jwtRules: [{ issuer: 'nobody', jwks: expect.stringContaining('"kty":"RSA"') as string }] });
  expect(cluster.problems().map(({ message }) => message)).toContainEqual('it cannot be read: until it can, it accepts no token at the workloads that it is for');
});

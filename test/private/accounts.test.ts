import { ApiObject } from 'cdk8s';
import { AccessPolicy, MeshService } from '../../src';
import { createWorld } from '../world';

const accountsOf = ({ all }: ReturnType<typeof createWorld>) => all('ServiceAccount').filter(({ metadata }) => metadata.namespace === 'shop').map(({ metadata }) => metadata.name);
const runAs = ({ spec }: ReturnType<typeof createWorld>, deployment: string): string => spec('Deployment', deployment).template.spec.serviceAccountName;

describe('service accounts', () => {
  test('are one for each version when told so', () => {
    // GIVEN
    const world = createWorld();

    // WHEN
    new MeshService(world.mesh, 'reviews', { port: 80, versions: { v1: { image: 'x' }, v3: { image: 'x' } }, accountPerVersion: true });

    // THEN
    expect(accountsOf(world)).toEqual(['reviews-v1', 'reviews-v3']);
    expect(runAs(world, 'reviews-v3')).toBe('reviews-v3');
  });

  test('have the name that is given, and may be shared', () => {
    const world = createWorld();
    ['one', 'two'].forEach((name) => new MeshService(world.mesh, name, { port: 80, versions: { v1: { image: 'x' } }, serviceAccount: 'bookinfo-pages' }));
    expect(accountsOf(world)).toEqual(['bookinfo-pages']);
    expect([runAs(world, 'one-v1'), runAs(world, 'two-v1')]).toEqual(['bookinfo-pages', 'bookinfo-pages']);
  });

  test('are those of workloads that bring their own', () => {
    const world = createWorld();
    const { mesh, chart, service, spec } = world;
    const workload = new ApiObject(chart, 'legacy', {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'legacy' }, spec: { template: { spec: { serviceAccountName: 'old-friend', containers: [] } } },
    });
    const legacy = new MeshService(mesh, 'legacy-service', { port: 80, versions: { v1: { workload } } });
    new AccessPolicy(mesh, 'policy', { service: service('cart'), allow: [{ from: [legacy] }] });
    expect(spec('AuthorizationPolicy', 'policy').rules[0].from[0].source.principals).toEqual(['cluster.local/ns/shop/sa/old-friend']);
  });

  test('fails when the name is none', () => {
    const { mesh } = createWorld();
    expect(() => new MeshService(mesh, 'a', { port: 80, versions: { v1: { image: 'x' } }, serviceAccount: 'shop/a' })).toThrow('"shop/a" is no name of a ServiceAccount');
  });
});

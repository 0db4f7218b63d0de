import { ApiObject, JsonPatch } from 'cdk8s';
import { ExternalService, istio, MeshService } from '../../src';
import { createWorld, hostOf, synth } from '../world';

describe('synth checks', () => {
  test('report every mistake of every Istio object at once, by construct path', () => {
    // GIVEN
    const { chart } = createWorld();

    // WHEN
    new istio.VirtualService(chart, 'typed', { metadata: { name: 'typed' }, spec: { hosts: ['a'], http: [{ timeout: 'soon', route: [{ destination: { host: 'a.example.com' } }] }] } });
    new ApiObject(chart, 'plain', { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'plain' }, spec: { sellector: {} } });

    // THEN
    expect(() => synth(chart)).toThrow(/\[chart\/typed\] VirtualService typed: spec\.http\[0\]\.timeout: (.|\n)*\[chart\/plain\] Gateway plain: spec\.sellector: unknown field/);
  });

  test('find hosts that do not exist', () => {
    const { chart, service } = createWorld();
    service('cart').virtualService.spec({ http: [{ route: [{ destination: { host: 'nobody.example.com' } }] }] });
    expect(() => synth(chart)).toThrow('VirtualService cart: routes to nobody.example.com, which does not exist; declare it, or stand in for it with MeshService.fromName or ExternalService');
  });

  test('find rules of raw objects and of patches that no request gets to', () => {
    // GIVEN
    const { chart, service } = createWorld();
    const route = [{ destination: { host: 'a.elsewhere.svc.cluster.local' } }];

    // WHEN
    new istio.VirtualService(chart, 'raw', { metadata: { name: 'raw' }, spec: { hosts: ['a.example.com'], http: [{ match: [{ uri: { prefix: '/a' } }], route }, { match: [{ uri: { exact: '/a/b' } }], route }] } });
    service('cart').route({ to: 'v1' }).virtualService.addJsonPatch(JsonPatch.add('/spec/http/-', { route: [{ destination: { host: hostOf('cart') } }] }));

    // THEN
    expect(() => synth(chart)).toThrow(/VirtualService raw: spec\.http\[1\] is never used: spec\.http\[0\] takes all its requests before; put it first, or remove it/);
    expect(() => synth(chart)).toThrow(/VirtualService cart: spec\.http\[1\] is never used/);
  });

  test('find versions that a patch invents', () => {
    const { chart, service } = createWorld();
    const cart = service('cart').route({ to: 'v1' });
    cart.virtualService.addJsonPatch(JsonPatch.replace('/spec/http/0/route/0/destination/subset', 'v9'));
    expect(() => synth(chart)).toThrow(`VirtualService cart: routes to version v9 of ${hostOf('cart')}, which has v1, v2`);
  });

  test('look into raw objects only where the mesh knows the namespace', () => {
    // GIVEN
    const { chart } = createWorld();
    const raw = (id: string, host: string) => new istio.VirtualService(chart, id, { spec: { hosts: [host], http: [{ route: [{ destination: { host } }] }] } });

    // WHEN
    raw('elsewhere', 'other.elsewhere.svc.cluster.local');
    expect(synth(chart).filter(({ kind }) => kind === 'VirtualService')).toHaveLength(1);
    raw('here', 'nobody');

    // THEN
    expect(() => synth(chart)).toThrow(`routes to ${hostOf('nobody')}, which does not exist`);
  });

  test('accept hosts of ServiceEntries, of plain Services and of other repositories', () => {
    const { chart, mesh } = createWorld();
    new ApiObject(chart, 'service', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'plain' } });
    new istio.ServiceEntry(chart, 'entry', { spec: { hosts: ['*.example.com'], ports: [{ name: 'http', number: 80 }] } });
    MeshService.fromName(mesh, 'foreign', { port: 80 });
    const hosts = ['plain', 'a.example.com', 'foreign'];
    new istio.VirtualService(chart, 'all', { spec: { hosts: ['a'], http: hosts.map((host) => ({ match: [{ uri: { prefix: `/${host}` } }], route: [{ destination: { host } }] })) } });
    expect(() => synth(chart)).not.toThrow();
  });

  test('see what changed between two synths', () => {
    const { chart, service } = createWorld();
    const cart = service('cart').route({ to: 'v1' });
    expect(() => synth(chart)).not.toThrow();
    cart.virtualService.addJsonPatch(JsonPatch.add('/spec/hosts', 'no list'));
    expect(() => synth(chart)).toThrow('spec.hosts');
  });

  test('try every regex, whoever wrote it', () => {
    const { chart, service } = createWorld();
    const match = [{ uri: { regex: '/(?!a)' } }];
    service('cart').virtualService.spec({ http: [{ match, route: [{ destination: { host: hostOf('cart') } }] }] });
    expect(() => synth(chart)).toThrow('VirtualService cart: "/(?!a)" is not an RE2 regular expression');
  });

  test('report patches that do not fit', () => {
    const { chart, service } = createWorld();
    service('cart').destinationRule.addJsonPatch(JsonPatch.replace('/spec/nowhere/deep', 1));
    expect(() => synth(chart)).toThrow(/\[chart\/mesh\/cart\/destination-rule\] Failed serializing construct/);
  });

  test('find objects of which one would overwrite the other', () => {
    const { chart, mesh } = createWorld();
    new ApiObject(chart, 'mine', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    new istio.ServiceEntry(chart, 'one', { metadata: { name: 'twin' }, spec: { hosts: ['one.example.com'] } });
    new ExternalService(mesh, 'twin', { host: 'two.example.com', port: 80 });
    expect(() => synth(chart)).toThrow('chart/mine and chart/mesh/namespace-shop/namespace both write Namespace shop: leave it to the mesh, or give the Mesh createNamespaces: false');
    expect(() => synth(chart)).toThrow(/chart\/one and chart\/mesh\/twin\/service-entry both write ServiceEntry twin|chart\/mesh\/twin\/service-entry and chart\/one/);
  });
});

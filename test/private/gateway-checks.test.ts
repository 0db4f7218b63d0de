import { ApiObject, App, Chart } from 'cdk8s';
import { Gateway, gatewayApi, istio, Mesh, MeshService } from '../../src';
import { createWorld, synth } from '../world';

const server = (host: string, number = 80) => ({ hosts: [host], port: { name: `http-${number}`, number, protocol: 'HTTP' } });

describe('checks of gateways', () => {
  test('find a raw Gateway that answers for a host of ours on the same proxies', () => {
    // GIVEN
    const { chart, mesh } = createWorld();
    new Gateway(mesh, 'edge', { host: 'a.example.com' });

    // WHEN
    new istio.Gateway(chart, 'raw', { metadata: { name: 'raw' }, spec: { selector: { istio: 'edge', app: 'edge' }, servers: [server('*/a.example.com'), server('a.example.com', 8080)] } });

    // THEN
    expect(() => synth(chart)).toThrow(/\[chart\/raw\] Gateway raw: host a\.example\.com on port 80 is already answered for by chart\/mesh\/edge\/gateway on the same proxies/);
    expect(() => synth(chart)).not.toThrow('8080');
  });

  test('find gateways and hosts that raw VirtualServices name in vain', () => {
    // GIVEN
    const { chart, mesh } = createWorld();
    new Gateway(mesh, 'edge', { hosts: ['a.example.com', '*.b.example.com'] });
    Gateway.fromName(mesh, 'public');
    const raw = (id: string, gateway: string, ...hosts: string[]) => new istio.VirtualService(chart, id, {
      metadata: { name: id }, spec: { hosts, gateways: [gateway], http: [{ directResponse: { status: 200 } }] },
    });

    // WHEN
    raw('missing', 'nobody', 'a.example.com');
    raw('stranger', 'shop/edge', 'c.example.com');
    raw('fine', 'edge', 'x.b.example.com', '*.example.com');
    raw('named', 'public', 'd.example.com');
    raw('elsewhere', 'istio-system/theirs', 'e.example.com');

    // THEN
    const failed = () => synth(chart);
    expect(failed).toThrow('VirtualService missing: names gateway shop/nobody, which does not exist; write it, or stand in for it with Gateway.fromName');
    expect(failed).toThrow('VirtualService stranger: its gateways answer for a.example.com, *.b.example.com, not for c.example.com');
    expect(failed).not.toThrow(/VirtualService (fine|named|elsewhere)/);
  });

  test('find what raw routes of the Gateway API and Ingresses name in vain', () => {
    // GIVEN
    const { chart, service } = createWorld();
    service('web');
    const raw = (id: string, parent: string, backend: string) => new gatewayApi.HTTPRoute(chart, id, {
      metadata: { name: id }, spec: { parentRefs: [{ name: parent }], rules: [{ backendRefs: [{ name: backend, port: 80 }] }] },
    });
    new gatewayApi.Gateway(chart, 'edge', { metadata: { name: 'edge' }, spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] } });

    // WHEN
    raw('fine', 'edge', 'web');
    raw('parentless', 'nobody', 'web');
    raw('dangling', 'edge', 'nobody');
    new ApiObject(chart, 'ingress', { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'ingress' }, spec: { defaultBackend: { service: { name: 'lost', port: { number: 80 } } } } });

    // THEN
    const failed = () => synth(chart);
    expect(failed).toThrow('HTTPRoute parentless: names Gateway shop/nobody, which does not exist');
    expect(failed).toThrow('HTTPRoute dangling: sends to Service shop/nobody, which does not exist');
    expect(failed).toThrow('Ingress ingress: sends to Service shop/lost, which does not exist');
    expect(failed).not.toThrow('HTTPRoute fine');
  });

  test('find routes to services of other namespaces that nobody granted', () => {
    // GIVEN
    const app = new App();
    const near = new Chart(app, 'near', { namespace: 'near' });
    const far = new Chart(app, 'far', { namespace: 'far' });
    const mesh = new Mesh(near, 'mesh');
    new MeshService(far, 'web', { mesh, port: 80, versions: { v1: { image: 'x' } } });
    new gatewayApi.HTTPRoute(near, 'route', { metadata: { name: 'route' }, spec: { rules: [{ backendRefs: [{ name: 'web', namespace: 'far', port: 80 }] }] } });
    expect(() => synth(near)).toThrow('HTTPRoute route: sends to Service far/web of another namespace, which grants it to nobody');

    // WHEN
    new gatewayApi.ReferenceGrant(far, 'grant', { spec: { from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'near' }], to: [{ group: '', kind: 'Service' }] } });

    // THEN
    expect(() => synth(near)).not.toThrow();
  });
});

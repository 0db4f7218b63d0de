import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { CircuitBreaker, EgressGateway, ExternalService, Gateway, GatewayApi, IngressRoute, istio, MeshService, Mtls, Path, Port, Tls } from '../src';
import { createWorld, hostOf, synth } from './world';

/** One object of every kind that the constructs write. */
function everything() {
  const world = createWorld({ mtls: Mtls.STRICT });
  const { mesh, service } = world;
  const cart = service('cart').call();
  cart.route({ to: 'v1' });
  new CircuitBreaker(mesh, 'breaker', { service: cart, maxConnections: 1 });
  new Gateway(mesh, 'edge', { host: 'a.example.com', tls: Tls.simple('a') }).route(cart);
  new EgressGateway(mesh, 'egress', { enforce: true }).allow(new ExternalService(mesh, 'partner', { host: 'b.example.com', port: Port.http(80) }));
  const kubernetes = new Gateway(mesh, 'kubernetes', {
    hosts: ['c.example.com'], api: GatewayApi.KUBERNETES, versionServices: true, replicas: 2, tls: Tls.simple('c'), ports: [80, Port.https(443), Port.https(8443)],
  });
  kubernetes.route(cart).tcp(9000, cart).tls(9443, cart);
  new Gateway(mesh, 'calls', { hosts: ['d.example.com'], api: GatewayApi.KUBERNETES, versionServices: true }).grpc(cart);
  const other = new Chart(world.app, 'other', { namespace: 'other' });
  kubernetes.route(new MeshService(other, 'far', { mesh, port: 80, versions: { v1: { image: 'x' } } }), { path: Path.prefix('/far') });
  new IngressRoute(mesh, 'ingress').route(service('web'));
  return { ...world, cart, other };
}

const objectsOf = (chart: Chart): ApiObject[] => chart.node.root.node.findAll().filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
const kindOf = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string => `${apiVersion} ${kind}`;
const kinds = [...new Set(objectsOf(everything().chart).map(kindOf))];

describe('escape hatches', () => {
  test.each(kinds)('a patch of a field nobody knows comes out of %s', (kind) => {
    // GIVEN
    const { chart, other } = everything();
    const object = objectsOf(chart).find((candidate) => kindOf(candidate) === kind)!;

    // WHEN
    object.addJsonPatch(JsonPatch.add('/metadata/annotations', { kept: 'yes' }), JsonPatch.add('/newField', { deep: [1] }));
    object.metadata.addLabel('team', 'a');

    // THEN
    const printed = [chart, other].flatMap(synth).find((candidate) => kindOf(candidate) === kind && candidate.metadata.name === object.name);
    expect(printed).toMatchObject({ newField: { deep: [1] }, metadata: { annotations: { kept: 'yes' }, labels: { team: 'a' } } });
  });

  test('a patch sees what the rules made, also of rules that come later', () => {
    const { cart, spec } = everything();
    cart.virtualService.addJsonPatch(JsonPatch.add('/spec/http/0/newField', 1));
    expect(spec('VirtualService', 'cart').http[0]).toEqual({ route: [{ destination: { host: hostOf('cart'), subset: 'v1' } }], newField: 1 });
  });

  test('spec lays typed fields over what policies made', () => {
    // GIVEN
    const { cart, spec } = everything();

    // WHEN
    cart.destinationRule.spec({ trafficPolicy: { connectionPool: { http: { idleTimeout: '30s' } } } });

    // THEN
    expect(spec('DestinationRule', 'cart').trafficPolicy).toEqual({ connectionPool: { tcp: { maxConnections: 1 }, http: { idleTimeout: '30s' } } });
  });

  test('what they make is checked again', () => {
    const { cart, chart } = everything();
    cart.destinationRule.spec({ trafficPolicy: { connectionPool: { http: { idleTimeout: 'soon' } } } });
    expect(() => synth(chart)).toThrow(/\[chart\/mesh\/cart\/destination-rule\] DestinationRule cart: spec\.trafficPolicy\.connectionPool\.http\.idleTimeout: .*"soon"/);
  });

  test('L1 objects stand beside the constructs', () => {
    const { chart, spec } = everything();
    new istio.EnvoyFilter(chart, 'raw', { metadata: { name: 'raw' }, spec: { priority: 1 } });
    expect(spec('EnvoyFilter', 'raw')).toEqual({ priority: 1 });
  });
});

import { App, Chart, Testing } from 'cdk8s';
import { CanaryRoute, EgressGateway, Gateway, Mesh, MeshRuntime, MeshService, Mtls, Outbound, Path, type MeshProps } from '../src';
import { createWorld, synth, type Printed } from './world';

const ISTIO = /\.istio\.io\//;

function shop(props: MeshProps): Printed[] {
  const chart = new Chart(Testing.app(), 'shop', { namespace: 'shop' });
  const mesh = new Mesh(chart, 'mesh', { mtls: Mtls.STRICT, outbound: Outbound.REGISTRY_ONLY, ...props });
  const cart = new MeshService(mesh, 'cart', { port: 80, versions: { v1: { image: 'cart:1' }, v2: { image: 'cart:2' } } });
  new MeshService(mesh, 'web', { port: 80, versions: { v1: { image: 'web:1' } }, calls: [cart] });
  new CanaryRoute(mesh, 'canary', { service: cart, stable: 'v1', canary: 'v2', weight: 10 });
  new Gateway(mesh, 'edge', { host: 'shop.example.com' }).route(cart, { path: Path.prefix('/cart') });
  new EgressGateway(mesh, 'egress', { hosts: ['api.example.com'] });
  return synth(chart);
}

describe('Mesh', () => {
  test('writes its namespace, mutual TLS and the policy for unknown hosts, once per namespace', () => {
    // GIVEN
    const { chart, mesh, service } = createWorld({ mtls: Mtls.STRICT, outbound: Outbound.REGISTRY_ONLY });

    // WHEN
    service('one');
    service('two');

    // THEN
    const ofNamespace = synth(chart).filter(({ metadata, kind }) => metadata.name === 'default' || (kind === 'Namespace' && metadata.name === 'shop'));
    expect(mesh.controlPlaneNamespace).toBe('istio-system');
    expect(ofNamespace).toEqual([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      { apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata: { name: 'default', namespace: 'shop' }, spec: { mtls: { mode: 'STRICT' } } },
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Sidecar',
        metadata: { name: 'default', namespace: 'shop' },
        spec: { egress: [{ hosts: ['*/*'] }], outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
      },
    ]);
  });

  test('leaves namespaces to others when told so, and the default namespace always', () => {
    const quiet = createWorld({ createNamespaces: false });
    expect(quiet.all('Namespace').map(({ metadata }) => metadata.name)).toEqual(['istio-system']);
    const chart = new Chart(Testing.app(), 'chart');
    const service = new MeshService(new Mesh(chart, 'mesh'), 'a', { port: 80, versions: { v1: { image: 'x' } } });
    expect(service.host).toBe('a.default.svc.cluster.local');
    expect(synth(chart).filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)).toEqual(['istio-system']);
    expect(synth(chart).find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'a')?.metadata.namespace).toBe('default');
  });

  test('writes the control plane once per App', () => {
    // GIVEN
    const app = new App();

    // WHEN
    const charts = ['one', 'two'].map((id) => new Chart(app, id, { namespace: id }));
    charts.forEach((chart) => new Mesh(chart, 'mesh'));

    // THEN
    const deployments = charts.flatMap(synth).filter(({ kind }) => kind === 'Deployment');
    expect(deployments.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(['istio-system/istiod']);
  });

  test('lets charts of other teams join', () => {
    // GIVEN
    const app = new App();
    const mesh = new Mesh(new Chart(app, 'platform', { namespace: 'platform' }), 'mesh', { mtls: Mtls.STRICT });
    const team = new Chart(app, 'team', { namespace: 'team' });

    // WHEN
    new MeshService(team, 'cart', { mesh, port: 80, versions: { v1: { image: 'x' } } });

    // THEN
    expect(synth(team).map(({ kind }) => kind)).toEqual(['Namespace', 'PeerAuthentication', 'ServiceAccount', 'Service', 'Deployment', 'DestinationRule']);
  });

  test('makes no dependencies between charts or objects', () => {
    const { chart, service } = createWorld();
    service('one').call(service('two'));
    synth(chart);
    expect(chart.node.findAll().flatMap((construct) => construct.node.dependencies)).toEqual([]);
  });

  test('gives the same bytes for the same program', () => {
    expect(JSON.stringify(shop({}))).toBe(JSON.stringify(shop({})));
  });
});

describe('MeshRuntime.istio', () => {
  const istio = shop({ runtime: MeshRuntime.istio({ revision: 'stable' }) });
  const bundled = shop({});

  test('leaves the Istio resources as they are, byte for byte', () => {
    const resources = (objects: Printed[]) => JSON.stringify(objects.filter(({ apiVersion }) => ISTIO.test(apiVersion)));
    expect(resources(istio)).toBe(resources(bundled));
    expect(bundled.filter(({ apiVersion }) => ISTIO.test(apiVersion)).length).toBeGreaterThan(8);
  });

  test('labels namespaces for injection and leaves the rest to the injector', () => {
    expect(istio.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata)).toEqual([{ name: 'shop', labels: { 'istio.io/rev': 'stable' } }]);
    expect(JSON.stringify(istio)).not.toContain('cdk8s-istio-runtime');
    const { template } = istio.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'cart-v1')!.spec;
    expect(template.spec.initContainers).toBeUndefined();
    expect(template.metadata).toEqual({ labels: { app: 'cart', version: 'v1' } });
  });

  test('has gateways injected, with the same selectors', () => {
    const find = (objects: Printed[]) => objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'edge')!.spec;
    const { selector, template } = find(istio);
    expect(selector).toEqual(find(bundled).selector);
    expect(template.metadata).toEqual({
      labels: { app: 'edge', istio: 'edge', 'sidecar.istio.io/inject': 'true' }, annotations: { 'inject.istio.io/templates': 'gateway' },
    });
    expect(template.spec.containers).toEqual([{ name: 'istio-proxy', image: 'auto', ports: [{ name: 'http', containerPort: 80 }] }]);
  });

  test('without a revision asks for the default one', () => {
    const [namespace] = shop({ runtime: MeshRuntime.istio() });
    expect(namespace.metadata.labels).toEqual({ 'istio-injection': 'enabled' });
  });
});

describe('MeshRuntime.bundled', () => {
  const objects = shop({ runtime: MeshRuntime.bundled({ image: 'registry.example/runtime:1', imagePullPolicy: 'Never' }), controlPlaneNamespace: 'mesh-system' });
  const find = (kind: string, name: string) => objects.find((object) => object.kind === kind && object.metadata.name === name)!;

  test('uses the image everywhere', () => {
    const images = objects.filter(({ kind }) => kind === 'Deployment').flatMap(({ spec: { template: { spec } } }) => [...spec.initContainers ?? [], ...spec.containers]);
    expect(new Set(images.map(({ image }: { image: string }) => image))).toEqual(new Set(['registry.example/runtime:1', 'cart:1', 'cart:2', 'web:1']));
    expect(images.filter(({ image }) => image.startsWith('registry')).every(({ imagePullPolicy }) => imagePullPolicy === 'Never')).toBe(true);
  });

  test('points proxies at the control plane', () => {
    const proxy = find('Deployment', 'web-v1').spec.template.spec.initContainers[1];
    const config = proxy.env.find(({ name }: { name: string }) => name === 'PROXY_CONFIG').value;
    expect(JSON.parse(config)).toMatchObject({ discoveryAddress: 'istiod.mesh-system.svc:15012' });
    expect(find('Sidecar', 'web').spec.egress[0].hosts[0]).toBe('mesh-system/*');
  });

  test('tells proxies of services and gateways the first part of their identities', () => {
    const domains = (list: readonly Printed[]) => list.filter(({ kind }) => kind === 'Deployment')
      .flatMap(({ spec: { template: { spec } } }) => [...spec.initContainers ?? [], ...spec.containers])
      .flatMap(({ env = [] }) => env.filter(({ name }: { name: string }) => name === 'TRUST_DOMAIN').map(({ value }: { value: string }) => value));
    expect(new Set(domains(objects))).toEqual(new Set(['cluster.local']));
    expect(domains(shop({ trustDomain: 'shop.example.com' }))).toEqual(domains(objects).map(() => 'shop.example.com'));
  });

  test('writes the control plane with its ports, rights and settings', () => {
    expect(find('Service', 'istiod').spec.ports.map(({ port, targetPort }: { port: number; targetPort?: number }) => [port, targetPort ?? port]))
      .toEqual([[15010, 15010], [15012, 15012], [443, 15017], [15014, 15014]]);
    expect(find('Deployment', 'istiod').spec.template.spec.containers[0]).toMatchObject({ args: ['control', '--secure', '0.0.0.0:15012'], image: 'registry.example/runtime:1' });
    expect(find('ConfigMap', 'istio')).toMatchObject({ metadata: { namespace: 'mesh-system' }, data: { mesh: 'rootNamespace: mesh-system\ntrustDomain: cluster.local\n' } });
    expect(find('ClusterRoleBinding', 'istiod-mesh-system')).toMatchObject({ subjects: [{ kind: 'ServiceAccount', name: 'istiod', namespace: 'mesh-system' }] });
    expect(find('ClusterRole', 'istiod-mesh-system').metadata.namespace).toBeUndefined();
  });

  test('lets the control plane write what its authority needs, by name wherever it has one', () => {
    const rules = (kind: string, name: string) => (find(kind, name) as unknown as { rules: { verbs: string[] }[] }).rules.filter(({ verbs }) => !verbs.includes('watch'));
    expect(rules('ClusterRole', 'istiod-mesh-system')).toEqual([
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['istio-ca-root-cert'], verbs: ['update'] },
    ]);
    expect(rules('Role', 'istiod')).toEqual([
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['istio-ca-secret'], verbs: ['update'] },
    ]);
    expect(find('RoleBinding', 'istiod')).toMatchObject({ metadata: { namespace: 'mesh-system' }, subjects: [{ kind: 'ServiceAccount', name: 'istiod', namespace: 'mesh-system' }] });
  });
});

import { deployment, problemsOf, World } from './analysis-world';

const WEB = deployment('web', 'app: web');

describe('Sidecars for pods that have one (IST0110, IST0111)', () => {
  const sidecar = (name: string, selector = '', namespace = 'default') => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ${selector && `workloadSelector: { labels: { ${selector} } }, `}egress: [{ hosts: ['./*'] }] }
---`;

  test('are told, and by whom they are hidden', () => {
    expect(problemsOf(WEB + sidecar('a') + sidecar('b'))).toEqual([
      'Sidecar b spec: Sidecar a is for all of namespace default too, and older: only that one counts; put them into one, or add a workloadSelector',
    ]);
    expect(problemsOf(deployment('web', 'app: web, tier: front') + sidecar('a', 'app: web') + sidecar('b', 'tier: front'))).toEqual([
      expect.stringMatching(/^Sidecar b spec\.workloadSelector\.labels: Sidecar a \(app=web\) selects some of the same pods, such as web-\S+, and is older: for those only that one counts; put them into one$/),
    ]);
  });

  test('are right beside one for all pods, and for other pods', () => {
    expect(problemsOf(WEB + sidecar('a') + sidecar('b', 'app: web'))).toEqual([]);
    expect(problemsOf(WEB + deployment('api', 'app: api') + sidecar('a', 'app: api') + sidecar('b', 'app: web'))).toEqual([]);
    expect(problemsOf(WEB + sidecar('a') + sidecar('b', '', 'istio-system'))).toEqual([]);
  });

  test('with a selector are for pods beside them, in the root namespace too', () => {
    expect(problemsOf(WEB + sidecar('a', 'app: web', 'istio-system'))).toEqual([expect.stringContaining('no pod of namespace istio-system has the labels app=web')]);
  });
});

describe('one certificate in several Gateways (IST0138)', () => {
  const gateway = (name: string, host: string, { credential = 'wildcard', port = 443, app = 'web' } = {}) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name} }
spec: { selector: { app: ${app} }, servers: [{ port: { number: ${port}, name: https, protocol: HTTPS }, hosts: [${host}], tls: { mode: SIMPLE, credentialName: ${credential} } }] }
---`;
  const told = (...gateways: string[]): string[] => problemsOf([WEB, ...gateways].join('')).filter((line) => line.includes('credentialName'));

  test('is told once, with what happens', () => {
    expect(told(gateway('a', 'a.example.com'), gateway('b', './b.example.com'))).toEqual([
      'Gateway b spec.servers[0].tls.credentialName: Gateway default/a shows the same certificate on this port: browsers that are connected to a.example.com send requests for b.example.com over '
      + 'the same connection (HTTP/2), and they are answered with 404; put all hosts of the certificate into one server, or give each a certificate of its own',
    ]);
  });

  test('is right with other certificates, on other ports and at other pods', () => {
    expect(told(gateway('a', 'a.example.com'), gateway('b', 'b.example.com', { credential: 'own' }))).toEqual([]);
    expect(told(gateway('a', 'a.example.com'), gateway('b', 'b.example.com', { port: 8443 }))).toEqual([]);
    expect(told(gateway('a', 'a.example.com'), gateway('b', 'b.example.com', { app: 'other' }))).toEqual([]);
  });
});

describe('applications that run as the proxy (IST0144)', () => {
  const pod = (spec: string) => WEB.replace('spec: { containers: [{ name: app', `spec: { ${spec}`);

  test('are told, once for all pods', () => {
    expect(problemsOf(pod('securityContext: { runAsUser: 1337 }, containers: [{ name: app').replace('spec: { selector', 'spec: { replicas: 3, selector'))).toEqual([
      'Deployment web spec.template.spec.securityContext.runAsUser: user 1337 is the proxy\'s: on Kubernetes nothing that app sends would go through the proxy; let it run as another user',
    ]);
    expect(problemsOf(pod('containers: [{ name: app, securityContext: { runAsUser: 1337 }'))).toEqual([
      expect.stringContaining('Deployment web spec.template.spec.containers[0].securityContext.runAsUser'),
    ]);
  });

  test('are right as another user, and without a proxy', () => {
    expect(problemsOf(pod('securityContext: { runAsUser: 1337 }, containers: [{ name: app, securityContext: { runAsUser: 1000 }'))).toEqual([]);
    expect(problemsOf(pod('securityContext: { runAsUser: 1337 }, containers: [{ name: app').replace('labels: { app: web } }, spec', 'labels: { app: web, sidecar.istio.io/inject: "false" } }, spec')))
      .toEqual([]);
  });
});

describe('annotations that nobody looks at (IST0107, IST0108)', () => {
  const annotated = (workload: string, template: string) => WEB
    .replace('metadata: { name: web }', `metadata: { name: web, ${workload} }`)
    .replace('metadata: { labels', `metadata: { annotations: { ${template} }, labels`);

  test('are told on Deployments, where their pods are meant', () => {
    expect(problemsOf(annotated('annotations: { sidecar.istio.io/inject: "false", example.com/x: y }', ''))).toEqual([
      'Deployment web metadata.annotations["sidecar.istio.io/inject"]: means nothing here: Istio looks at it on Pods only; move it to spec.template.metadata.annotations',
    ]);
    expect(problemsOf(annotated('labels: { sidecar.istio.io/inject: "false" }', ''))).toEqual([
      'Deployment web metadata.labels["sidecar.istio.io/inject"]: means nothing here: Istio looks at it on Pods only; move it to spec.template.metadata.labels',
    ]);
    expect(problemsOf(annotated('labels: { sidecar.istio.io/inject: "false" }', 'sidecar.istio.io/inject: "false"'))).toEqual([]);
  });

  test('are told if Istio does not know them, and if we do not handle them', () => {
    expect(problemsOf(annotated('', 'traffic.sidecar.istio.io/exclude-outbound-ports: "80", sidecar.istio.io/inject-it: "true", install.operator.istio.io/owner: me'))).toEqual([
      'Deployment web spec.template.metadata.annotations["traffic.sidecar.istio.io/exclude-outbound-ports"]: Istio has no such annotation, so it means nothing: '
      + 'write traffic.sidecar.istio.io/excludeOutboundPorts',
      'Deployment web spec.template.metadata.annotations["sidecar.istio.io/inject-it"]: Istio has no such annotation, so it means nothing: correct its name, or remove it',
    ]);
    expect(problemsOf(annotated('', 'sidecar.istio.io/bootstrapOverride: mine'))).toEqual([expect.stringContaining('is not handled: Envoy starts with the bootstrap of the runtime')]);
  });

  test('are right where Istio looks', () => {
    expect(problemsOf(annotated('annotations: { istio.io/rev: x }', 'sidecar.istio.io/proxyCPU: 100m, inject.istio.io/templates: sidecar'))).toEqual([]);
  });

  test('are right on what is made for a Gateway, whose infrastructure they are', () => {
    expect(problemsOf(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: istio, infrastructure: { annotations: { networking.istio.io/exportTo: . } }, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`)).toEqual([]);
  });
});

test('rules for callers of namespaces that are not there are told (IST0101)', () => {
  const policy = (namespaces: string) => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: own }
spec: { rules: [{ from: [{ source: { namespaces: [${namespaces}] } }] }] }
---`;
  const world = new World();
  expect(world.say(WEB + policy('default, "shop-*"'))).toEqual([]);
  expect(world.say(WEB + policy('default, shop'))).toEqual([
    'AuthorizationPolicy own spec.rules[0].from[0].source.namespaces[1]: there is no namespace shop, so nobody calls from it: correct the name',
  ]);
  expect(world.say(`${WEB}${policy('shop')}\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n`)).toEqual([]);
});

test('a Gateway without servers is told', () => {
  expect(problemsOf(`${WEB}
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec: { selector: { app: web } }
`)).toEqual(['Gateway edge spec.servers: there are none, so it opens nothing: add one with port and hosts']);
});

import { deployment, problemsOf, service, World } from './analysis-world';

const REVIEWS = deployment('reviews-v1', 'app: reviews, version: v1') + deployment('reviews-v2', 'app: reviews, version: v2') + service('reviews', 'app: reviews', '{ name: http, port: 9080 }');

describe('subsets that nobody belongs to (IST0173)', () => {
  const rule = (...versions: string[]) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews }
spec: { host: reviews, subsets: [${versions.map((version) => `{ name: ${version}, labels: { version: ${version} } }`).join(', ')}] }
---`;

  test('are told with their field and what is there', () => {
    expect(problemsOf(REVIEWS + rule('v1', 'v3'))).toEqual([
      'DestinationRule reviews spec.subsets[1].labels: nobody behind reviews.default.svc.cluster.local has the labels version=v3, so requests routed to subset v3 are '
      + 'answered with 503: version is v1, v2 there: correct the labels, or add what has them',
    ]);
  });

  test('follow edits: of pods, of the rule and of the Service', () => {
    const world = new World();
    expect(world.say(REVIEWS + rule('v1', 'v2'))).toEqual([]);
    expect(world.say(REVIEWS.replaceAll('version: v2', 'version: v4') + rule('v1', 'v2'))).toHaveLength(1);
    expect(world.say(REVIEWS + rule('v1', 'v2'))).toEqual([]);
    expect(world.say(REVIEWS.replace('selector: { app: reviews }, ports', 'selector: { app: other }, ports') + rule('v1', 'v2'))).toEqual([
      expect.stringContaining('spec.subsets[0].labels'), expect.stringContaining('there is nobody behind it at all'),
    ]);
  });

  test('may be machines outside of Kubernetes, endpoints of a ServiceEntry, or pods of a zone', () => {
    const machine = `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: machine, labels: { app: reviews } }
spec: { address: 192.0.2.7, labels: { version: v3 } }
---`;
    expect(problemsOf(REVIEWS + machine + rule('v3'))).toEqual([]);
    const outside = (label: string) => problemsOf(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: api }
spec: { hosts: [api.example.com], resolution: STATIC, ports: [{ number: 80, name: http, protocol: HTTP }], endpoints: [{ address: 192.0.2.1, labels: { tier: gold } }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api }
spec: { host: api.example.com, subsets: [{ name: some, labels: { ${label} } }] }
`);
    expect(outside('tier: gold')).toEqual([]);
    expect(outside('tier: silver')).toEqual([expect.stringContaining('tier is gold there')]);
    const zone = rule('v1').replace('version: v1', 'topology.kubernetes.io/zone: z1');
    expect(problemsOf(REVIEWS + zone)).toHaveLength(1);
    expect(problemsOf(REVIEWS.replace('app: reviews, version: v1 } }, spec', 'app: reviews, version: v1, istio-locality: r1.z1 } }, spec') + zone)).toEqual([]);
  });
});

describe('ports of a Gateway that no Service offers (IST0104)', () => {
  const gateway = (port: number) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec: { selector: { istio: edge }, servers: [{ port: { number: ${port}, name: http, protocol: HTTP }, hosts: ['*'] }] }
---`;
  const pod = deployment('edge', 'istio: edge', '{ name: web, containerPort: 8080 }');
  const front = service('edge', 'istio: edge', '{ name: http, port: 80, targetPort: web }, { name: https, port: 443, targetPort: 8443 }');

  test('are told; ports of the Service and of the pods are both right', () => {
    expect([80, 8080, 443, 8443].flatMap((port) => problemsOf(pod + front + gateway(port)))).toEqual([]);
    expect(problemsOf(pod + front + gateway(31400))).toEqual([
      'Gateway edge spec.servers[0].port.number: no Service in front of the pods with istio=edge offers port 31400, so it is open inside of the cluster only: '
      + 'add it to the ports of the Service, which are 80, 443, 8080, 8443',
    ]);
    expect(problemsOf(pod + gateway(80))).toEqual([expect.stringContaining('add a Service that selects them and has this port')]);
  });
});

describe('ports of destinations (IST0112)', () => {
  const route = (port: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: reviews${port} } }] }] }
---`;
  const two = REVIEWS.replace('{ name: http, port: 9080 }', '{ name: http, port: 9080 }, { name: http-admin, port: 9081 }');

  test('must be said where there are several, and must be there', () => {
    expect(problemsOf(REVIEWS + route(''))).toEqual([]);
    expect(problemsOf(two + route(', port: { number: 9081 }'))).toEqual([]);
    expect(problemsOf(two + route(''))).toEqual([expect.stringContaining(
      'spec.http[0].route[0].destination.port: reviews.default.svc.cluster.local has ports 9080, 9081: without a choice, requests go to the port that their caller has asked for')]);
    expect(problemsOf(two + route(', port: { number: 80 }'))).toEqual([expect.stringContaining('spec.http[0].route[0].destination.port.number: reviews.default.svc.cluster.local has ports 9080, 9081 and not 80')]);
  });

  test('must be said where another port is called than the only one', () => {
    const other = service('other', 'app: reviews', '{ name: http, port: 80 }');
    const rule = (spec: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec: { hosts: [reviews], ${spec} }
---`;
    const to = 'route: [{ destination: { host: other } }]';
    expect(problemsOf(REVIEWS + other + rule(`http: [{ ${to} }]`))).toEqual([expect.stringContaining(
      'spec.http[0].route[0].destination.port: other.default.svc.cluster.local has port 80, and sidecars ask it for the port that was called, which may be 9080')]);
    expect(problemsOf(REVIEWS + other + rule(`http: [{ match: [{ port: 80 }], ${to} }]`))).toEqual([]);
    expect(problemsOf(REVIEWS + other + rule('http: [{ match: [{ gateways: [edge] }], route: [{ destination: { host: other } }] }]'))).toEqual([]);
  });
});

test('rules for workloads that are not there are told (IST0101, IST0127)', () => {
  const sidecar = (app: string, namespace = 'default') => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: own, namespace: ${namespace} }
spec: { workloadSelector: { labels: { app: ${app} } }, egress: [{ hosts: ['./*'] }] }
---`;
  expect(problemsOf(REVIEWS + sidecar('reviews'))).toEqual([]);
  expect(problemsOf(REVIEWS + sidecar('review'))).toEqual([
    'Sidecar own spec.workloadSelector.labels: no pod of namespace default has the labels app=review, so it is for nobody: correct them, or move it to the namespace of the pods',
  ]);
  expect(problemsOf(REVIEWS + sidecar('reviews', 'other'))).toHaveLength(1);
});

describe('routes by claims of tokens that nobody verifies (IST0149)', () => {
  const edge = `${deployment('edge', 'app: edge')}${service('edge', 'app: edge', '{ name: http, port: 80 }')}
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec: { selector: { app: edge }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }] }
---`;
  const route = (gateways: string) => `${REVIEWS}
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec:
  hosts: [reviews]
  gateways: [${gateways}]
  http: [{ match: [{ withoutHeaders: { '@request.auth.claims.group': { exact: guest } } }], route: [{ destination: { host: reviews } }] }]
---`;
  const verified = (labels: string, namespace = 'default') => `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: users, namespace: ${namespace} }
spec: { selector: { matchLabels: { ${labels} } }, jwtRules: [{ issuer: a }] }
---`;
  const PATH = 'VirtualService reviews spec.http[0].match[0].withoutHeaders.@request.auth.claims.group: @request.auth.claims.group is never there:';

  test('are told at gateways, unless a RequestAuthentication selects all of their pods', () => {
    expect(problemsOf(edge + route('edge'))).toEqual([
      expect.stringMatching(`^${PATH.replace(/[[\].]/g, '\\$&')} no RequestAuthentication verifies tokens at the pods of Gateway default/edge, such as edge-\\S+: write one that selects them$`),
    ]);
    expect(problemsOf(edge + route('edge') + verified('app: edge'))).toEqual([]);
    expect(problemsOf(edge + route('./edge') + verified('app: edge', 'istio-system'))).toEqual([]);
    expect(problemsOf(edge + route('edge') + verified('app: reviews'))).toHaveLength(1);
  });

  test('are told for sidecars', () => {
    expect(problemsOf(edge + route('edge, mesh') + verified('app: edge'))).toEqual([`${PATH} sidecars verify tokens of those who call them, not on the way out`]);
  });
});

test('policies for Gateways that are not there, and for what only waypoints look at, are told', () => {
  const policy = (target: string) => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: own }
spec: { targetRefs: [{ ${target} }], rules: [{}] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: istio, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---`;
  const about = (target: string) => problemsOf(REVIEWS + policy(target)).filter((line) => line.startsWith('AuthorizationPolicy'));
  expect(about('group: gateway.networking.k8s.io, kind: Gateway, name: edge')).toEqual([]);
  expect(about('group: gateway.networking.k8s.io, kind: Gateway, name: egde')).toEqual([
    'AuthorizationPolicy own spec.targetRefs[0]: there is no Gateway \'egde\' in namespace default: the policy is for nobody there',
  ]);
  expect(about('group: "", kind: Service, name: reviews')).toEqual([expect.stringContaining('waypoints of ambient mode')]);
});

describe('policies of peers', () => {
  const policy = (name: string, spec: string, more = '') => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${name}${more} }
spec: ${spec}
---`;
  const selector = 'selector: { matchLabels: { app: reviews } }';

  test('that an older one hides are told of', () => {
    expect(problemsOf(REVIEWS + policy('a', '{ mtls: { mode: STRICT } }') + policy('b', '{ mtls: { mode: DISABLE } }'))).toEqual([
      'PeerAuthentication b spec: PeerAuthentication a is for all of namespace default too, and older: only that one counts',
    ]);
    expect(problemsOf(REVIEWS + policy('a', `{ ${selector} }`) + policy('b', '{ selector: { matchLabels: { version: v2 } } }'))).toEqual([
      'PeerAuthentication b spec.selector: PeerAuthentication a selects some of the same pods, and is older: for those only that one counts',
    ]);
  });

  test('of the root namespace have no selector', () => {
    expect(problemsOf(REVIEWS + policy('a', `{ ${selector} }`, ', namespace: istio-system'))).toContain(
      'PeerAuthentication a spec.selector: policies of istio-system are for the whole mesh, so one with a selector is for nobody: move it to the namespace of the pods');
  });

  test('name ports of pods, not of Services', () => {
    const world = deployment('reviews', 'app: reviews', '{ containerPort: 8000 }') + service('reviews', 'app: reviews', '{ name: http, port: 80, targetPort: 8000 }');
    expect(problemsOf(world + policy('a', `{ ${selector}, portLevelMtls: { 8000: { mode: DISABLE } } }`))).toEqual([]);
    expect(problemsOf(world + policy('a', `{ ${selector}, portLevelMtls: { 80: { mode: DISABLE }, 81: { mode: DISABLE } } }`))).toEqual([
      'PeerAuthentication a spec.portLevelMtls.80: no selected pod has a port 80: 80 is that of the Service, whose targetPort 8000 is meant',
      'PeerAuthentication a spec.portLevelMtls.81: no selected pod has a port 81: theirs are 8000',
    ]);
  });
});

import { overviewOf, type MeshStatus } from '../../src/engine/overview';
import { formatWelcome, waysIn } from '../../src/cli/up/welcome';
import { Cluster, parseText } from '../../src/source';

const MANIFEST = `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec: { selector: { app: reviews }, ports: [{ name: http, port: 9080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: ratings, namespace: shop }
spec: { selector: { app: ratings }, ports: [{ name: http, port: 9080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: edge, namespace: shop }
spec: { type: LoadBalancer, selector: { app: edge }, ports: [{ name: status-port, port: 15021 }, { name: http, port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: edge, namespace: shop, labels: { app: edge }, annotations: { inject.istio.io/templates: gateway } }
spec: { containers: [{ name: istio-proxy, image: auto }] }
---
${['reviews v1', 'reviews v2', 'ratings v1'].map((text) => text.split(' ')).map(([app, version]) => `
apiVersion: v1
kind: Pod
metadata: { name: ${app}-${version}, namespace: shop, labels: { app: ${app}, version: ${version} } }
spec: { containers: [{ name: ${app} }] }
`).join('---')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec: { host: reviews, subsets: [{ name: stable, labels: { version: v1 } }, { name: canary, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews.shop.svc.cluster.local]
  http:
    - match: [{ headers: { end-user: { exact: jason } } }]
      route: [{ destination: { host: reviews, subset: canary } }]
    - route: [{ destination: { host: reviews, subset: stable }, weight: 90 }, { destination: { host: reviews, subset: canary }, weight: 10 }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec: { workloadSelector: { labels: { app: reviews } }, egress: [{ hosts: [istio-system/*, ./ratings.shop.svc.cluster.local, '*/api.example.com', other/cart.other.svc.cluster.local] }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { selector: { app: edge }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [shop.example.com, ./localhost] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge, namespace: shop }
spec: { hosts: [localhost], gateways: [edge], http: [{ match: [{ uri: { exact: /page } }], route: [{ destination: { host: reviews } }] }] }
`;

function overview() {
  const cluster = new Cluster();
  cluster.replace(parseText(MANIFEST, { file: 'shop.yaml', folder: '.' }).objects);
  expect(cluster.problems()).toEqual([]);
  return overviewOf(cluster.snapshot());
}

test('services with their versions, shares of the traffic, and whom they call', () => {
  const { services } = overview();

  expect(services.map(({ name, versions, calls, serves, ports }) => ({ name, versions, calls, serves, ports }))).toEqual([
    { name: 'edge', versions: [{ version: '', pods: ['shop/edge'] }], serves: ['shop.example.com', 'localhost'], ports: [80] },
    { name: 'ratings', versions: [{ version: 'v1', pods: ['shop/ratings-v1'] }], ports: [9080] },
    {
      name: 'reviews', calls: ['api.example.com', 'cart.other', 'ratings'], ports: [9080],
      versions: [{ version: 'v1', pods: ['shop/reviews-v1'], share: 90 }, { version: 'v2', pods: ['shop/reviews-v2'], share: 10 }],
    },
  ]);
});

test('ways in: localhost as it is, other hosts with the whole curl command', () => {
  expect(waysIn(overview().gateways, [{ service: 'shop/edge', port: 80, localPort: 8081 }])).toEqual([
    { url: 'http://shop.example.com:8081/', curl: 'curl --resolve shop.example.com:8081:127.0.0.1 http://shop.example.com:8081/' },
    { url: 'http://localhost:8081/page' },
  ]);
});

test('the table', () => {
  const pods = ['edge', 'ratings-v1', 'reviews-v1', 'reviews-v2'].map((name) => ({ namespace: 'shop', name, address: '', ready: name !== 'reviews-v2', containers: [] }));
  const status: MeshStatus = { name: 'shop', startedAt: '', controlPlane: { state: 'running', restarts: 0 }, proxies: [], statuses: [], problems: [], ignored: [], pods, ...overview() };
  const services = status.services.map((service) => ({ ...service, address: '10.96.0.1' }));
  const text = formatWelcome({ ...status, services }, { openings: [], edit: 'main.ts', command: 'mesh' }).replace(/\u001b\[[0-9;]*m/g, '');

  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    '',
    '  service  version  pods  ready  address         calls',
    '  edge     –        1     ✔      10.96.0.1:80    serves shop.example.com, localhost',
    '  reviews  v1 90 %  1     ✔      10.96.0.1:9080  api.example.com, cart.other, ratings',
    '           v2 10 %  1     ✖',
    '  ratings  v1       1     ✔      10.96.0.1:9080  everything',
    '',
    '  try    mesh exec reviews -- curl -s ratings:9080',
    '         edit main.ts',
    '         mesh status',
    '',
  ]);
});

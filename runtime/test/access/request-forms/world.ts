import { Compiler, parseNode } from '../../../src/compile';
import { inlineBootstrap } from '../../../src/envoy';
import type { PathNormalization } from '../../../src/model/mesh';
import { snapshotOf } from '../../cases/case';

/** Where the policies of a world are asked, each at a port of its own, and where the application is. */
export interface Ports {
  readonly application: number;
  /** All but `/admin` and what is below it. */
  readonly deny: number;
  /** What is below `/public`, and nothing else. */
  readonly allow: number;
  /** All but `/users/{*}/secret` and `/files/{**}`. */
  readonly template: number;
  /** No DELETE, nobody with a header `x-blocked`, no `x-role: guest` for `/role`, and only who has `x-token: good` for `/token`. */
  readonly headers: number;
}

/** No agent is there that would hand out certificates. */
export const PLAIN = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: plain, namespace: istio-system }
spec: { mtls: { mode: DISABLE } }`;

const BOOTSTRAP = { node: { id: 'forms', cluster: 'forms' } };

/** The proxy of a workload whose policies decide on paths, methods and headers. */
export function workloadBootstrap(normalization: PathNormalization, ports: Ports): object {
  return bootstrapOf('sidecar', `${meshConfig(normalization)}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: web }
spec:
  ingress:
${[ports.deny, ports.allow, ports.template, ports.headers].map((port) => `
    - port: { number: ${port}, name: http-${port}, protocol: HTTP }
      bind: 127.0.0.1
      captureMode: NONE
      defaultEndpoint: 127.0.0.1:${ports.application}`).join('')}
---
${policies(ports)}`, ports.application);
}

function policies({ deny, allow, template, headers }: Ports): string {
  return `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny }
spec:
  action: DENY
  rules:
    - to: [{ operation: { ports: ['${deny}'], paths: [/admin, /admin/*] } }]
    - to: [{ operation: { ports: ['${template}'], paths: ['/users/{*}/secret', '/files/{**}'] } }]
    - to: [{ operation: { ports: ['${headers}'], methods: [DELETE] } }]
    - to: [{ operation: { ports: ['${headers}'] } }]
      when: [{ key: 'request.headers[x-blocked]', values: ['*'] }]
    - to: [{ operation: { ports: ['${headers}'], paths: [/role] } }]
      when: [{ key: 'request.headers[x-role]', values: [guest] }]
    - to: [{ operation: { ports: ['${headers}'], paths: [/token] } }]
      when: [{ key: 'request.headers[x-token]', notValues: [good] }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: allow }
spec:
  rules:
    - to: [{ operation: { ports: ['${allow}'], paths: [/public/*] } }]
    - to: [{ operation: { notPorts: ['${allow}'] } }]`;
}

/** A gateway for several hosts, of which some are closed, and with a path that is closed on all of them. */
export function gatewayBootstrap(normalization: PathNormalization, port: number, application: number): object {
  return bootstrapOf('router', `${meshConfig(normalization)}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { app: edge }
  servers:
    - { bind: 127.0.0.1, port: { number: ${port}, name: http, protocol: HTTP }, hosts: [shop.example.com, admin.example.com, '*.wild.example.com'] }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: application }
spec:
  hosts: [application.example.com]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 127.0.0.1, ports: { http: ${application} } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: application }
spec:
  hosts: [shop.example.com, admin.example.com, '*.wild.example.com']
  gateways: [edge]
  http: [{ route: [{ destination: { host: application.example.com } }] }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny }
spec:
  selector: { matchLabels: { app: edge } }
  action: DENY
  rules:
    - to: [{ operation: { hosts: [admin.example.com, 'admin.example.com:*', '*.closed.wild.example.com', 'dev.*'] } }]
    - to: [{ operation: { paths: [/admin, /admin/*] } }]`, application);
}

function meshConfig(normalization: PathNormalization): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: 'pathNormalization: { normalization: ${normalization} }' }
---
${PLAIN}`;
}

function bootstrapOf(type: 'sidecar' | 'router', input: string, application: number): object {
  const app = type === 'router' ? 'edge' : 'web';
  const proxy = parseNode({ id: `${type}~127.0.0.1~${app}.default~default.svc.cluster.local`, metadata: { NAMESPACE: 'default', LABELS: { app } } });
  if (typeof proxy === 'string') {
    throw new Error(proxy);
  }
  const { configuration, problems } = new Compiler().compile(snapshotOf(input), proxy);
  if (problems.length > 0) {
    throw new Error(`${application}: ${problems.map(({ path, message }) => `${path} ${message}`).join('\n')}`);
  }
  return withoutCapture(inlineBootstrap(BOOTSTRAP, configuration));
}

/** Listeners that wait for redirected connections have nothing to do here. */
function withoutCapture(bootstrap: object): object {
  const { staticResources, ...rest } = bootstrap as { staticResources: { listeners: { name?: string }[] } };
  const listeners = staticResources.listeners.filter(({ name = '' }) => !name.startsWith('virtual') && !/^0\.0\.0\.0_/.test(name));
  return { ...rest, staticResources: { ...staticResources, listeners } };
}

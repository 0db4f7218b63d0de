import { MeshReader } from '../../src/compile/read/mesh';
import { WorkloadPolicies } from '../../src/compile/workload-policies';
import { Compiler, parseNode } from '../../src/compile';
import type { Configuration } from '../../src/model/configuration';
import { TYPE_URLS } from '../../src/model/configuration';
import type { Mesh } from '../../src/model/mesh';
import type { Proxy } from '../../src/model/proxy';
import type { Resource } from '../../src/model/resource';
import type { Snapshot } from '../../src/model/snapshot';
import { EMPTY, edit, service } from './fixtures';

const GATEWAY = { 'gateway.networking.k8s.io/gateway-name': 'edge' };

function policy(name: string, spec: object, namespace = 'shop', kind = 'AuthorizationPolicy'): Resource {
  return { apiVersion: 'security.istio.io/v1', kind, metadata: { name, namespace }, spec };
}

function pod(namespace: string, labels: Readonly<Record<string, string>> = {}, type = 'sidecar'): Proxy {
  const parsed = parseNode({ id: `${type}~10.244.9.1~pod.${namespace}~${namespace}.svc.cluster.local`, metadata: { NAMESPACE: namespace, LABELS: labels } });
  if (typeof parsed === 'string') {
    throw new Error(parsed);
  }
  return parsed;
}

function world(...put: readonly Resource[]): Snapshot {
  return edit(EMPTY, { put });
}

function namesOf(mesh: Mesh, proxy: Proxy): string[] {
  return new WorkloadPolicies().of(mesh, proxy).map(({ resource }) => `${resource.namespace}/${resource.name}`);
}

const SELECTED = { selector: { matchLabels: { app: 'cart' } } };

test('those of the root namespace come first, then those of its own that select it or everybody', () => {
  const mesh = new MeshReader().read(world(
    policy('own', {}), policy('cart', SELECTED), policy('other', { selector: { matchLabels: { app: 'other' } } }),
    policy('abroad', {}, 'elsewhere'), policy('mesh', {}, 'istio-system'), policy('carts', SELECTED, 'istio-system'),
  ));
  expect(namesOf(mesh, pod('shop', { app: 'cart' }))).toEqual(['istio-system/carts', 'istio-system/mesh', 'shop/cart', 'shop/own']);
  expect(namesOf(mesh, pod('shop', { app: 'web' }))).toEqual(['istio-system/mesh', 'shop/own']);
  expect(namesOf(mesh, pod('istio-system', { app: 'cart' }))).toEqual(['istio-system/carts', 'istio-system/mesh']);
});

test('the root namespace is the one of MeshConfig', () => {
  const config: Resource = {
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' }, data: { mesh: 'rootNamespace: root' },
  };
  const mesh = new MeshReader().read(world(policy('mesh', {}, 'root'), policy('old', {}, 'istio-system'), config));
  expect(namesOf(mesh, pod('shop'))).toEqual(['root/mesh']);
});

test('targets are Gateways of the same namespace; Services, ServiceEntries and classes are for waypoints', () => {
  const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge' };
  const mesh = new MeshReader().read(world(
    policy('one', { targetRef: gateway }), policy('several', { targetRefs: [{ ...gateway, name: 'other' }, gateway] }),
    policy('other', { targetRefs: [{ ...gateway, name: 'other' }] }), policy('far', { targetRefs: [{ ...gateway, namespace: 'elsewhere' }] }),
    policy('service', { targetRefs: [{ group: '', kind: 'Service', name: 'edge' }] }),
    policy('class', { targetRefs: [{ ...gateway, kind: 'GatewayClass' }] }), policy('root', { targetRefs: [gateway] }, 'istio-system'),
    policy('selected', { selector: { matchLabels: GATEWAY } }),
  ));
  expect(namesOf(mesh, pod('shop', GATEWAY, 'router'))).toEqual(['shop/one', 'shop/selected', 'shop/several']);
  expect(namesOf(mesh, pod('shop', { app: 'edge' }))).toEqual([]);
});

test('the list is the same object until something that applies changes', () => {
  const reader = new MeshReader();
  const policies = new WorkloadPolicies();
  const [cart, cart2, web] = [pod('shop', { app: 'cart' }), pod('shop', { app: 'cart' }), pod('shop', { app: 'web' })];
  const before = world(policy('cart', SELECTED), policy('all', {}), policy('tls', {}, 'shop', 'PeerAuthentication'), policy('abroad', {}, 'elsewhere'));
  const first = policies.of(reader.read(before), cart);
  expect(first).toHaveLength(3);
  expect(policies.of(reader.read(before), cart2)).toBe(first);
  const rest = policies.of(reader.read(before), web);

  const elsewhere = edit(before, { put: [policy('abroad', SELECTED, 'elsewhere'), policy('new', {}, 'third'), service('a', '10.96.0.1')] });
  expect(policies.of(reader.read(elsewhere), cart)).toBe(first);

  const edited = edit(elsewhere, { put: [policy('cart', { ...SELECTED, rules: [{}] })] });
  expect(policies.of(reader.read(edited), cart)).not.toBe(first);
  expect(policies.of(reader.read(edited), web)).toBe(rest);
});

const WEB = edit(EMPTY, { put: [service('a', '10.96.0.1'), service('b', '10.96.0.2'), { ...policy('a', { selector: { matchLabels: { app: 'a' } } }), metadata: { name: 'a', namespace: 'default' } }] });

/** Resources that are not the very same objects after an edit. */
function changes(app: string, ...put: readonly Resource[]): string[] {
  const compiler = new Compiler();
  const own = pod('default', { app });
  const before = compiler.compile(WEB, own).configuration;
  const after = compiler.compile(edit(WEB, { put }), own).configuration;
  return [...after].flatMap(([type, resources]) => [...resources].filter(([name, one]) => before.get(type)?.get(name) !== one).map(([name]) => `${type.split('.').at(-1)} ${name}`));
}

test('a policy that changes touches the inbound listener of those whom it is for, and nothing else', () => {
  const edited = { ...policy('a', { selector: { matchLabels: { app: 'a' } }, rules: [{}] }), metadata: { name: 'a', namespace: 'default' } };
  expect(changes('a', edited)).toEqual(['Listener virtualInbound']);
  expect(changes('b', edited)).toEqual([]);
});

test('pods with the same policies share bytes', () => {
  const compiler = new Compiler();
  const [one, other] = [pod('default', { app: 'a', version: 'v1' }), pod('default', { app: 'a', version: 'v2' })].map((own) => compiler.compile(WEB, own).configuration);
  const inbound = (configuration: Configuration) => configuration.get(TYPE_URLS.listener)?.get('virtualInbound');
  expect(inbound(one)).toBeDefined();
  expect(inbound(one)).toBe(inbound(other));
});

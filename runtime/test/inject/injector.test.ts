import { Injector } from '../../src/inject';
import type { PodTemplate } from '../../src/kubernetes';

const workload = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const template = (annotations: Record<string, string> = {}, image = 'example/web:1'): PodTemplate => ({
  metadata: { labels: { app: 'web' }, annotations }, spec: { containers: [{ name: 'web', image }] },
});
const inject = (given: PodTemplate) => new Injector().inject(given, workload, { name: 'shop' });
const names = ({ spec }: PodTemplate) => [...spec.initContainers ?? [], ...spec.containers].map(({ name }) => name);

test('a plain pod gets capture and sidecar, and knows its owner', () => {
  const { template: injected, problems } = inject(template());
  expect(names(injected)).toEqual(['istio-init', 'istio-proxy', 'web']);
  expect(injected.spec.initContainers?.[1].env).toContainEqual({ name: 'ISTIO_META_OWNER', value: 'kubernetes://apis/apps/v1/namespaces/shop/deployments/web' });
  expect(problems).toEqual([]);
});

test('a pod that asks for the gateway template becomes a gateway', () => {
  const gateway = { metadata: template({ 'inject.istio.io/templates': 'gateway' }).metadata, spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } };
  const { template: injected } = inject(gateway);
  expect(names(injected)).toEqual(['istio-proxy']);
  expect(injected.spec.containers[0].args?.slice(0, 2)).toEqual(['agent', 'router']);
});

test('an injected pod stays as it is: F257', () => {
  const once = inject(template()).template;
  expect(inject(once).template).toBe(once);
});

test.each([
  ['traffic.sidecar.istio.io/excludeOutboundPorts', '80;90', 'expected ports with commas between, such as "80,9080", got "80;90"'],
  ['traffic.sidecar.istio.io/includeInboundPorts', '0', 'expected ports with commas between, such as "80,9080", got "0"'],
  ['traffic.sidecar.istio.io/includeOutboundIPRanges', '10.0.0.0/33', 'expected address ranges with commas between, such as "10.0.0.0/8", got "10.0.0.0/33"'],
  ['traffic.sidecar.istio.io/excludeInterfaces', 'eth0 -j ACCEPT', 'expected names of network interfaces with commas between, got "eth0 -j ACCEPT"'],
  ['sidecar.istio.io/interceptionMode', 'TPROXY', 'only REDIRECT and NONE are handled, got "TPROXY": REDIRECT is used'],
])('%s: %s is a problem and never an argument', (name, value, message) => {
  const { template: injected, problems } = inject(template({ [name]: value }));
  expect(problems).toEqual([{
    resource: { kind: 'Deployment', namespace: 'shop', name: 'web' }, path: `spec.template.metadata.annotations["${name}"]`, message,
  }]);
  expect(injected.spec.initContainers?.[0].args).toEqual(inject(template()).template.spec.initContainers?.[0].args);
});

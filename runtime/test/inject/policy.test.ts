import { decideInjection, LOCAL_POLICY } from '../../src/inject';
import type { PodTemplate } from '../../src/kubernetes';

const ISTIO = { enabled: true, namespacesByDefault: false };
const LABEL = 'sidecar.istio.io/inject';

function pod(inject?: string, more: Partial<PodTemplate['spec']> = {}): PodTemplate {
  return { metadata: { labels: inject === undefined ? {} : { [LABEL]: inject } }, spec: { containers: [], ...more } };
}

const namespace = (label?: string, name = 'bookinfo'): { name: string; labels: Record<string, string> } => ({ name, labels: label === undefined ? {} : { 'istio-injection': label } });

// F259: the seven rows of the policy, and the namespace label on top of them.
test.each([
  // policy, pod label → injected
  ['off', 'true', false],
  ['disabled', undefined, false],
  ['disabled', 'false', false],
  ['disabled', 'true', true],
  ['enabled', undefined, true],
  ['enabled', 'false', false],
  ['enabled', 'true', true],
])('policy %s, pod %s: %s', (policy, label, injected) => {
  const chosen = { enabled: policy !== 'off', namespacesByDefault: policy === 'enabled' };
  expect(decideInjection(pod(label), namespace(), chosen).inject).toBe(injected);
});

test.each([
  ['enabled', undefined, true],
  ['enabled', 'true', true],
  ['enabled', 'false', false],
  ['disabled', undefined, false],
  ['disabled', 'true', false],
  ['disabled', 'false', false],
  [undefined, undefined, false],
  [undefined, 'true', true],
  [undefined, 'false', false],
])('in Istio: namespace %s, pod %s: %s', (group, label, injected) => {
  expect(decideInjection(pod(label), namespace(group), ISTIO).inject).toBe(injected);
});

test.each([
  ['a plain pod', pod(), namespace(), true],
  ['sidecar.istio.io/inject: "false"', pod('false'), namespace(), false],
  ['istio-injection: disabled', pod(), namespace('disabled'), false],
  ['the host\'s network', pod('true', { hostNetwork: true }), namespace('enabled'), false],
  ['kube-system', pod('true'), namespace('enabled', 'kube-system'), false],
  ['istio-system', pod(), namespace(undefined, 'istio-system'), false],
  ['a gateway in istio-system', pod('true'), namespace(undefined, 'istio-system'), true],
  ['a revision on the namespace', pod(), { name: 'a', labels: { 'istio.io/rev': 'canary' } }, true],
])('on one machine: %s', (_name, template, group, injected) => {
  expect(decideInjection(template, group, LOCAL_POLICY).inject).toBe(injected);
});

test('the annotation counts where there is no label, and the label wins', () => {
  const annotated = (label?: string): PodTemplate => ({ metadata: { ...pod(label).metadata, annotations: { [LABEL]: 'false' } }, spec: { containers: [] } });
  expect(decideInjection(annotated(), namespace(), LOCAL_POLICY)).toEqual({ inject: false, reason: 'the pod has sidecar.istio.io/inject: "false"' });
  expect(decideInjection(annotated('true'), namespace(), LOCAL_POLICY).inject).toBe(true);
});

import { Chart, Testing } from 'cdk8s';
import { HTTPRoute } from '../../imports/gateway-api';
import { DestinationRule, VirtualService, type VirtualServiceSpec, type VirtualServiceSpecHttp } from '../../imports/istio';

/** Checked by the compiler: a wrong field or word is an error, what the CRDs allow is none. */
test('specifications are typed', () => {
  const chart = Testing.chart();
  const rule: VirtualServiceSpecHttp = {
    match: [{ uri: { prefix: '/' }, headers: { 'end-user': { exact: 'jason' } }, sourceLabels: { app: 'web' } }],
    route: [{ destination: { host: 'reviews', port: { number: 80 } }, weight: 100 }],
    retries: { attempts: 2, perTryTimeout: '0.5s' },
  };
  const frozen: VirtualServiceSpec = Object.freeze({ hosts: Object.freeze(['reviews']), http: Object.freeze([rule]) });
  new VirtualService(chart, 'typed', { spec: frozen });
  // @ts-expect-error -- no such field
  new VirtualService(chart, 'field', { spec: { http: [{ rout: [] }] } });
  // @ts-expect-error -- no such word
  new VirtualService(chart, 'enum', { spec: { http: [{ redirect: { derivePort: 'FROM_REQUEST' } }] } });
  // @ts-expect-error -- a destination needs a host
  new VirtualService(chart, 'required', { spec: { tcp: [{ route: [{ destination: { subset: 'v1' } }] }] } });
  // @ts-expect-error -- a DestinationRule needs a host, and so a spec
  new DestinationRule(chart, 'spec');
  new DestinationRule(chart, 'policy', { spec: { host: 'a', trafficPolicy: { loadBalancer: { simple: 'LEAST_REQUEST' }, tls: { mode: 'ISTIO_MUTUAL' } } } });
  new HTTPRoute(chart, 'route', { spec: { rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { statusCode: 301 } }] }] } });
  // @ts-expect-error -- no such number
  new HTTPRoute(chart, 'number', { spec: { rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { statusCode: 300 } }] }] } });
  expect(Testing.synth(Chart.of(chart))).toHaveLength(8);
});

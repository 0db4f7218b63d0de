import { type ApiObject, Chart, JsonPatch, Testing } from 'cdk8s';
import { checkedKinds, schemaOf } from '../../imports/checks';
import * as gatewayApi from '../../imports/gateway-api';
import * as istio from '../../imports/istio';

type Kind = typeof ApiObject & { readonly GVK: { readonly apiVersion: string; readonly kind: string } };

const KINDS = [istio, gatewayApi].flatMap(folder => Object.values(folder) as unknown as Kind[]);

/** The kinds that have no v1. */
const OTHER_VERSIONS: Readonly<Record<string, string>> = { EnvoyFilter: 'v1alpha3', ProxyConfig: 'v1beta1', TrafficExtension: 'v1alpha1', WasmPlugin: 'v1alpha1' };

function create(Construct: Kind, props: object): ApiObject {
  return new Construct(Testing.chart(), 'x', props as never);
}

test('there is a construct for every kind that can be checked, but for MeshConfig, which stands in a ConfigMap', () => {
  expect(KINDS.map(({ GVK }) => `${GVK.apiVersion.split('/')[0]}/${GVK.kind}`).sort()).toEqual(checkedKinds().filter(kind => kind !== 'mesh.istio.io/MeshConfig').sort());
});

describe.each(KINDS.map(each => [`${each.GVK.apiVersion} ${each.GVK.kind}`, each] as const))('%s', (_, Construct) => {
  const { apiVersion, kind } = Construct.GVK;

  test('stands for the current version', () => {
    expect(apiVersion.split('/')[1]).toBe(OTHER_VERSIONS[kind] ?? 'v1');
    expect(Construct.name).toBe(kind);
  });

  test('writes what it is given, fields that nobody knows included', () => {
    const props = { metadata: { name: 'a', namespace: 'b', finalizers: ['c'] }, spec: { unknownToday: { deep: [1, { x: 'y' }], empty: {} } }, beside: true };
    const object = create(Construct, props);
    expect(Testing.synth(Chart.of(object))).toEqual([{ apiVersion, kind, ...props }]);
  });

  test('patch in, patch out', () => {
    const object = create(Construct, { spec: { list: [{ known: 1 }] } });
    object.addJsonPatch(
      JsonPatch.add('/spec/list/0/newField', { nested: ['a'] }),
      JsonPatch.add('/spec/newer', 1),
      JsonPatch.remove('/spec/list/0/known'),
      JsonPatch.add('/metadata/annotations', { a: 'b' }),
      JsonPatch.add('/extra', true),
    );
    const [manifest] = Testing.synth(Chart.of(object)) as Record<string, unknown>[];
    expect(manifest).toMatchObject({ apiVersion, kind, metadata: { annotations: { a: 'b' } }, extra: true });
    expect(manifest.spec).toEqual({ list: [{ newField: { nested: ['a'] } }], newer: 1 });
  });

  test('has a schema with documented fields', () => {
    expect(Object.keys(schemaOf(`${apiVersion.split('/')[0]}/${kind}`)!.fields!.spec.fields!).length).toBeGreaterThan(0);
  });
});

import { ApiObject, JsonPatch, Lazy, Testing, type ApiObjectProps } from 'cdk8s';
import { MeshObject, printPlain } from '../../src/private/plain-print';

/** An object of ours, and the same as cdk8s prints it. */
function printed(props: ApiObjectProps, change: (object: ApiObject) => void = () => undefined) {
  const [ours, plain] = [new MeshObject(Testing.chart(), 'object', props), new ApiObject(Testing.chart(), 'object', props)];
  [ours, plain].forEach(change);
  return { ours, fast: printPlain(ours), json: ours.toJson() as object, expected: plain.toJson() as object };
}

type Case = [string, [ApiObjectProps, ((object: ApiObject) => void)?]];

const config = (fields: object): ApiObjectProps => ({ apiVersion: 'v1', kind: 'ConfigMap', ...fields });

describe('printPlain', () => {
  const same: Case[] = [
    ['keys in any order', [config({ spec: { b: 1, a: { d: [3, { z: true, y: 'x' }], c: null } }, data: { k: 'v' } })]],
    ['nothing in lists and objects', [config({ list: [undefined, null, {}, []], empty: {}, none: undefined })]],
    ['late values', [config({ spec: Lazy.any({ produce: () => ({ late: Lazy.any({ produce: () => [1, undefined] }) }) }) as object })]],
    ['metadata of every kind', [config({ metadata: { name: 'n', namespace: 'ns', labels: { b: '1', a: '2' }, finalizers: ['f'], generateName: 'g' } })]],
    ['metadata that is added', [config({}), ({ metadata }) => {
      metadata.addLabel('l', '1');
      metadata.addAnnotation('a', '2');
      metadata.addOwnerReference({ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' });
      metadata.add('extra', { empty: {}, list: [], late: Lazy.any({ produce: () => 'made' }) as unknown });
    }]],
  ];

  test.each(same)('prints as cdk8s: %s', (_, [props, change]) => {
    const { fast, expected } = printed(props, change);
    expect(fast).toBeDefined();
    expect(JSON.stringify(fast)).toBe(JSON.stringify(expected));
  });

  const left: Case[] = [
    ['patches', [config({}), (object) => object.addJsonPatch(JsonPatch.add('/data', {}))]],
    ['tokens', [config({ spec: { token: { resolve: () => 'resolved' } } })]],
    ['unions of number and text', [config({ spec: new (class Port { value = 80; })() })]],
  ];

  test.each(left)('leaves to cdk8s: %s', (_, [props, change]) => {
    const { fast, json, expected } = printed(props, change);
    expect(fast).toBeUndefined();
    expect(json).toEqual(expected);
  });

  test('leaves errors to cdk8s, which says where', () => {
    const late = Lazy.any({ produce: () => { throw new Error('too early'); } }) as object;
    const ours = new MeshObject(Testing.chart(), 'object', config({ spec: late }));
    expect(() => ours.toJson() as object).toThrow(/Failed serializing construct at path 'test\/object'.*too early/);
  });
});

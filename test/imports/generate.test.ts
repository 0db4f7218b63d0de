import type { Kind } from '../../imports/generate/definitions';
import { comment } from '../../imports/generate/documentation';
import { emitInterfaces } from '../../imports/generate/interfaces';
import type { JsonSchema } from '../../imports/generate/json-schema';
import { camelCase, kebabCase, pascalCase, propertyName, quoted } from '../../imports/generate/names';

test('names', () => {
  expect(['VirtualService', 'HTTPRoute', 'BackendTLSPolicy', 'GRPCRoute'].map(kebabCase)).toEqual(['virtual-service', 'http-route', 'backend-tls-policy', 'grpc-route']);
  expect([pascalCase('mirror_percent'), camelCase('mirror_percent'), camelCase('jwks_uri'), pascalCase('http')]).toEqual(['MirrorPercent', 'mirrorPercent', 'jwksUri', 'Http']);
  expect([propertyName('a_b'), propertyName('a-b'), propertyName('__proto__')]).toEqual(['a_b', "'a-b'", "'__proto__'"]);
  expect(quoted(`it's "a\\b"\n`)).toBe(`'it\\'s "a\\\\b"\\n'`);
});

describe('comments', () => {
  test('keep the first sentences and the link, drop what the type says', () => {
    expect(comment('Where it goes. See more details at: https://example.com/a', [])).toBe('/**\n * Where it goes.\n * @see https://example.com/a\n */\n');
    expect(comment('The mode.\n\nValid Options: A, B', ['@default "A"'], '  ')).toBe('  /**\n   * The mode.\n   * @default "A"\n   */\n');
    expect(comment(`First. Then ${'word '.repeat(60)}end. Last.`, [])).toBe('/** First. */\n');
    expect(comment('One of several, e.g. `a` or `b`. More.\n\nSecond paragraph.', [])).toBe('/** One of several, e.g. `a` or `b`. More. */\n');
    expect(comment('Cut short, e.g.', [])).toBe('/** Cut short. */\n');
    expect(comment(undefined, [])).toBe('');
  });

  test('cannot end the comment', () => {
    expect(comment('a */ b', [])).toBe('/** a *\\/ b */\n');
  });
});

describe('interfaces', () => {
  const kind = (spec: JsonSchema): Kind => ({
    pin: { folder: 'istio', module: 'm', version: 'v1', sum: 's', definitions: 'd' },
    group: 'example.io', version: 'v1', kind: 'Thing', schema: { type: 'object', properties: { spec } },
  });
  const object = (properties: Record<string, JsonSchema>, required?: string[]): JsonSchema => ({ type: 'object', properties, ...(required ? { required } : {}) });
  const text: JsonSchema = { type: 'string' };

  test('values, lists, maps, words', () => {
    expect(emitInterfaces(kind(object({
      name: { ...text, description: 'Its name.' },
      sizes: { type: 'array', items: { type: 'integer' } },
      mode: { ...text, enum: ['A', 'B'] },
      modes: { type: 'array', items: { ...text, enum: ['A', 'B'] } },
      labels: { type: 'object', additionalProperties: text },
      port: { 'x-kubernetes-int-or-string': true },
      raw: { 'type': 'object', 'x-kubernetes-preserve-unknown-fields': true },
      kind: { ...text, default: 'Service' },
    }, ['name', 'kind'])))).toBe(`
export interface ThingSpec {
  /** Its name. */
  readonly name: string;
  readonly sizes?: readonly number[];
  readonly mode?: 'A' | 'B';
  readonly modes?: readonly ('A' | 'B')[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly port?: number | string;
  readonly raw?: Readonly<Record<string, unknown>>;
  /** @default "Service" */
  readonly kind?: string;
}
`);
  });

  test('equal shapes of one name are one interface, named after the shortest path; others keep their own', () => {
    const policy = object({ seconds: { type: 'integer' } });
    const names = [...emitInterfaces(kind(object({
      deep: object({ policy }),
      policy,
      strict: object({ policy: object({ seconds: { type: 'integer' } }, ['seconds']) }),
      other: policy,
    }))).matchAll(/interface (\w+)/g)].map(([, name]) => name);
    expect(names).toEqual(['ThingSpec', 'ThingSpecDeep', 'ThingSpecPolicy', 'ThingSpecStrict', 'ThingSpecOther', 'ThingSpecStrictPolicy']);
  });

  test('a shape that stands under many names has a name of its own', () => {
    const match = object({ exact: text, prefix: text, regex: text });
    expect(emitInterfaces(kind(object({ uri: match, method: match })))).toContain('  readonly uri?: ThingStringMatch;\n  readonly method?: ThingStringMatch;\n');
  });
});

import * as fc from 'fast-check';
import { load } from 'js-yaml';
import { checkedKinds, type CheckedResource, checkResource, schemaOf } from '../../imports/checks';
import { wildValues } from './schema-values';

/** What is wrong with a specification, one line each: path, rule, message. */
function violations(apiVersion: string, kind: string, spec: string | object): string[] {
  const resource = { apiVersion, kind, metadata: { name: 'x' }, spec: typeof spec === 'string' ? load(spec) : spec };
  return checkResource(resource).map(({ path, rule, message }) => `${path} | ${rule} | ${message}`);
}

const virtualService = (spec: string | object) => violations('networking.istio.io/v1', 'VirtualService', spec);
const httpRoute = (spec: string | object) => violations('gateway.networking.k8s.io/v1', 'HTTPRoute', spec);
const gatewayApiGateway = (spec: string | object) => violations('gateway.networking.k8s.io/v1', 'Gateway', spec);

describe('the structure of an object', () => {
  test('a sound object has no violations', () => {
    expect(virtualService(`
      hosts: [reviews.bookinfo.svc.cluster.local]
      http:
        - match: [{ headers: { end-user: { exact: jason } }, sourceLabels: { app.kubernetes.io/name: web } }]
          route: [{ destination: { host: reviews, subset: v2, port: { number: 80 } }, weight: 100 }]
          timeout: 0.5s
          corsPolicy: { allowCredentials: null }
    `)).toEqual([]);
  });

  test('an unknown field is named with the nearest known one', () => {
    expect(virtualService('{ hosts: [a], http: [{ route: [{ destination: { host: a }, wieght: 1 }] }] }')).toEqual([
      'spec.http[0].route[0].wieght | unknown-field | unknown field (did you mean "weight"?)',
    ]);
    expect(virtualService('{ export_to: ["."] }')).toEqual(['spec.export_to | unknown-field | unknown field (did you mean "exportTo"?)']);
  });

  test('an unknown field that resembles none comes with all that are known, unless they are many', () => {
    expect(virtualService('{ routing: [] }')).toEqual(['spec.routing | unknown-field | unknown field (known: exportTo, gateways, hosts, http, tcp, tls)']);
    expect(virtualService('{ http: [{ circuitBreaker: {} }] }')).toEqual(['spec.http[0].circuitBreaker | unknown-field | unknown field']);
  });

  test('a field beside metadata and spec is unknown too', () => {
    const resource = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: {}, status: { anything: 1 }, sepc: {} };
    expect(checkResource(resource as unknown as CheckedResource)).toEqual([{ path: 'sepc', rule: 'unknown-field', message: 'unknown field (did you mean "spec"?)' }]);
  });

  test.each([
    ['{ http: { route: [] } }', 'spec.http | type | must be a list, got an object'],
    ['{ http: [[]] }', 'spec.http[0] | type | must be an object, got a list'],
    ['{ hosts: [8] }', 'spec.hosts[0] | type | must be a text, got 8: write it in quotes'],
    ['{ hosts: [~] }', 'spec.hosts[0] | type | must be a text, got null: leave it out instead'],
    ['{ http: [{ match: [{ port: 1.0e+21 }] }] }', 'spec.http[0].match[0].port | type | must be a whole number, got 1e+21'],
    ['{ http: [{ route: [{ destination: { host: a }, weight: "80" }] }] }', 'spec.http[0].route[0].weight | type | must be a whole number, got the text "80": write it without quotes'],
    ['{ http: [{ route: [{ destination: { host: a }, weight: all }] }] }', 'spec.http[0].route[0].weight | type | must be a whole number, got the text "all"'],
    ['{ http: [{ retries: { attempts: 1.5 } }] }', 'spec.http[0].retries.attempts | type | must be a whole number, got 1.5'],
    ['{ http: [{ match: [{ ignoreUriCase: "true" }] }] }', 'spec.http[0].match[0].ignoreUriCase | type | must be true or false, got the text "true": write it without quotes'],
    ['{ http: [{ match: [{ headers: { end-user: jason } }] }] }', 'spec.http[0].match[0].headers.end-user | type | must be an object, got the text "jason"'],
    ['{ tls: [{}] }', 'spec.tls[0].match | required | is required'],
    ['{ http: [{ redirect: { derivePort: FROM_REQUEST } }] }',
      'spec.http[0].redirect.derivePort | enum | must be one of FROM_PROTOCOL_DEFAULT, FROM_REQUEST_PORT, got "FROM_REQUEST" (did you mean "FROM_REQUEST_PORT"?)'],
    ['{ http: [{ match: [{ port: -1 }] }] }', 'spec.http[0].match[0].port | range | must be between 0 and 4294967295, got -1'],
    ['{ http: [{ retries: { attempts: 2147483648 } }] }', 'spec.http[0].retries.attempts | range | must be between -2147483648 and 2147483647, got 2147483648'],
    ['{ http: [{ mirrorPercentage: { value: .nan } }] }', 'spec.http[0].mirrorPercentage.value | type | must be a number, got NaN'],
    ['{ http: [{ directResponse: { status: 200, body: { bytes: "no base64" } } }] }', 'spec.http[0].directResponse.body.bytes | format | must be base64, got "no base64"'],
    ['{ http: [{ match: [{ uri: { exact: /, prefix: / } }] }] }', 'spec.http[0].match[0].uri | one-of | only one of exact, prefix, regex can be set, got exact and prefix'],
    ['{ http: [{ timeout: "5" }] }',
      'spec.http[0].timeout | cel | must be a valid duration greater than 1ms, got "5": a duration is written with units, such as "1.5s", "250ms" or "1m30s"'],
    ['{ http: [{ timeout: 0s }] }', 'spec.http[0].timeout | cel | must be a valid duration greater than 1ms, got "0s"'],
    ['{ http: [{ match: [{ sourceLabels: { "a b/c": 1 } }] }] }', 'spec.http[0].match[0].sourceLabels["a b/c"] | type | must be a text, got 1: write it in quotes'],
  ])('%s', (spec, expected) => expect(virtualService(spec)).toEqual([expected]));

  test('lengths and numbers of items and fields', () => {
    expect(violations('networking.istio.io/v1', 'ServiceEntry', { hosts: [] })).toEqual(['spec.hosts | range | must have at least 1 item, got 0']);
    expect(violations('networking.istio.io/v1', 'ServiceEntry', { hosts: Array(257).fill('a.b') })).toEqual(['spec.hosts | range | must have at most 256 items, got 257']);
    expect(violations('security.istio.io/v1', 'PeerAuthentication', { selector: { matchLabels: { a: 'b' } }, portLevelMtls: {} }))
      .toEqual(['spec.portLevelMtls | range | must have at least 1 field, got 0']);
    expect(violations('extensions.istio.io/v1alpha1', 'WasmPlugin', { url: '' })).toEqual(['spec.url | range | must not be empty']);
    expect(violations('extensions.istio.io/v1alpha1', 'WasmPlugin', { url: 'oci://a/b', sha256: 'abc' })).toEqual(['spec.sha256 | pattern | must match (^$|^[a-f0-9]{64}$), got "abc"']);
    expect(httpRoute({ hostnames: [`${'a'.repeat(254)}`] })).toEqual(['spec.hostnames[0] | range | must have at most 253 characters, got 254']);
  });

  test('items of a list are unique by their key', () => {
    const port = (number: number) => ({ name: 'http', number });
    expect(violations('networking.istio.io/v1', 'ServiceEntry', { hosts: ['a.b'], ports: [port(80), port(81)] })).toEqual([
      'spec.ports[1] | unique | must differ from the other items, got name "http" as in item 0',
    ]);
    expect(httpRoute({ rules: [{ filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['a', 'b', 'a'] } }] }] })).toEqual([
      'spec.rules[0].filters[0].requestHeaderModifier.remove[2] | unique | must differ from the other items, got "a" as in item 0',
    ]);
  });

  test('a number of a fixed set', () => {
    const redirect = (statusCode: number) => httpRoute({ rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { statusCode } }] }] });
    expect(redirect(301)).toEqual([]);
    expect(redirect(300)).toEqual(['spec.rules[0].filters[0].requestRedirect.statusCode | enum | must be one of 301, 302, 303, 307, 308, got 300']);
  });

  test('a format that depends on another field', () => {
    const address = (each: object) => gatewayApiGateway({ gatewayClassName: 'a', listeners: [{ name: 'a', port: 80, protocol: 'HTTP' }], addresses: [each] });
    expect(address({ value: '10.0.0.1' })).toEqual([]);
    expect(address({ value: 'fd00::1' })).toEqual([]);
    expect(address({ type: 'Hostname', value: 'a.example' })).toEqual([]);
    expect(address({ value: 'a.example' })).toEqual(['spec.addresses[0].value | format | must be an IPv4 address or an IPv6 address when type is IPAddress, got "a.example"']);
  });
});

describe('null', () => {
  const virtualService = (spec: object) => checkResource({ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', spec });

  test('is a field that is not there, in objects and in maps, as the API server has it', () => {
    expect(virtualService({ hosts: null, http: [{ corsPolicy: null, match: [{ sourceLabels: { app: null } }], route: [{ destination: { host: 'a' } }] }] })).toEqual([]);
  });

  test('is no value of a field that is required', () => {
    expect(virtualService({ http: [{ route: [{ destination: { host: null } }] }] })).toMatchObject([{ path: 'spec.http[0].route[0].destination.host', rule: 'type', message: 'must be a text, got null' }]);
  });

  test('and a field that nobody knows are gone before rules look', () => {
    const entry = { apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry', spec: { a: 1, address: null } };
    expect(checkResource(entry).map(({ rule }) => rule)).toEqual(['unknown-field', 'cel']);
  });

  test('is gone before rules look', () => {
    expect(virtualService({ http: [{ match: [{ uri: { exact: '/a', prefix: null } }] }] })).toEqual([]);
  });
});

describe('CEL rules on an object', () => {
  test('see the defaults that the API server writes', () => {
    // `group` and `kind` default to the core group and Service: such a backend needs a port.
    expect(httpRoute({ rules: [{ backendRefs: [{ name: 'reviews' }] }] })).toEqual(['spec.rules[0].backendRefs[0] | cel | Must have port for Service reference']);
    expect(httpRoute({ rules: [{ backendRefs: [{ name: 'reviews', kind: null }] }] })).toEqual(['spec.rules[0].backendRefs[0] | cel | Must have port for Service reference']);
    expect(httpRoute({ rules: [{ backendRefs: [{ name: 'reviews', port: 80 }] }] })).toEqual([]);
    expect(httpRoute({ rules: [{ matches: [{ path: { value: 'no-slash' } }] }] }).join()).toContain("must be an absolute path and start with '/'");
  });

  test('are not tried where the structure is broken, and are elsewhere', () => {
    expect(violations('networking.istio.io/v1', 'ServiceEntry', { hosts: ['*'], ports: [{ number: '80', name: 'a' }, { number: 80, name: 'b' }] })).toEqual([
      'spec.hosts[0] | cel | hostname cannot be wildcard, got "*"',
      'spec.ports[0].number | type | must be a whole number, got the text "80": write it without quotes',
    ]);
  });

  test('leave the object as it was', () => {
    const spec = { rules: [{ backendRefs: [{ name: 'a', port: 80 }] }] };
    const before = JSON.stringify(spec);
    httpRoute(spec);
    expect(JSON.stringify(spec)).toBe(before);
  });
});

describe('kinds', () => {
  test('all versions of a kind are checked', () => {
    for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
      expect(violations(`networking.istio.io/${version}`, 'VirtualService', { hots: [] })).toHaveLength(1);
    }
  });

  test('objects of other kinds are not ours to check', () => {
    expect(violations('apps/v1', 'Deployment', { anything: 1 })).toEqual([]);
    expect(violations('constructor', 'prototype', {})).toEqual([]);
    expect(schemaOf('/Service')).toBeUndefined();
    expect(schemaOf('__proto__')).toBeUndefined();
  });

  test('the Gateways of Istio and of the Gateway API are two kinds', () => {
    expect(Object.keys(schemaOf('networking.istio.io/Gateway')!.fields!.spec.fields!)).toEqual(['selector', 'servers']);
    expect(Object.keys(schemaOf('gateway.networking.k8s.io/Gateway')!.fields!.spec.fields!)).toContain('listeners');
    expect(checkedKinds()).toHaveLength(26);
  });
});

describe('hostile objects', () => {
  test.each(checkedKinds())('no JSON makes the checks of %s throw, and what is found has a path into the object', groupKind => {
    const [group, kind] = groupKind.split('/');
    fc.assert(fc.property(wildValues(schemaOf(groupKind)!.fields!.spec), spec => {
      const before = JSON.stringify(spec);
      const found = checkResource({ apiVersion: `${group}/v1`, kind, spec });
      expect(found.filter(({ path, message }) => !path.startsWith('spec') || message === '')).toEqual([]);
      expect(JSON.stringify(spec)).toBe(before);
    }), { numRuns: 100 });
  });

  test('__proto__ and constructor are fields like any other', () => {
    const spec = JSON.parse('{ "__proto__": { "hosts": 5 }, "constructor": 1, "http": [{ "headers": { "request": { "set": { "__proto__": 5, "toString": "a" } } } }] }') as object;
    expect(virtualService(spec).map(each => each.split(' | ').slice(0, 2).join(' '))).toEqual([
      'spec.__proto__ unknown-field', 'spec.constructor unknown-field', 'spec.http[0].headers.request.set.__proto__ type',
    ]);
    expect(virtualService({ http: [{ redirect: { derivePort: 'constructor' } }] })).toHaveLength(1);
  });

  test('aliases that unfold to a thousand million values are cut short', () => {
    const destination = { host: 'a', subset: 'b' };
    const route = Array(1000).fill({ destination }) as unknown[];
    const http = Array(1_000_000).fill({ route, timeout: '1s' }) as unknown[];
    const found = virtualService({ http });
    expect(found).toEqual([expect.stringMatching(/ \| range \| the object has more than 500000 values: split it$/)]);
  });

  test('depth below an unknown field or an open object costs nothing', () => {
    let deep: unknown = {};
    for (let level = 0; level < 100_000; level++) {
      deep = { a: deep };
    }
    expect(virtualService({ deep }).length).toBe(1);
    expect(violations('networking.istio.io/v1alpha3', 'EnvoyFilter', { configPatches: [{ patch: { value: deep } }] })).toEqual([]);
    expect(virtualService({ hosts: [deep] })).toEqual(['spec.hosts[0] | type | must be a text, got an object']);
  });

  test('no more than a hundred violations are reported, and long texts are cut', () => {
    expect(virtualService({ hosts: Array(1000).fill(1) })).toHaveLength(100);
    expect(virtualService({ http: [{ timeout: 'x'.repeat(1e6) }] })[0].length).toBeLessThan(300);
    const [unknown] = virtualService({ ['y'.repeat(1e4)]: 1 });
    expect(unknown).toContain('unknown field (known:');
    expect(unknown.length).toBeLessThan(200);
  });
});

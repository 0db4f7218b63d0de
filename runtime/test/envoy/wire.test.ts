import fc from 'fast-check';

import {
  any, bool, Cluster_DiscoveryType, Cluster_LbPolicy, contentVersion, decode, double, duration, encode, encodeElement, encodeElements, encodeResource,
  encodeWithElements, fromJson, fromStruct, struct, toJson, typeUrlOf, uint32, unpack, wrapElement, type Cluster,
} from '../../src/envoy';

const cluster: Cluster = {
  name: 'outbound|9080||reviews.default.svc.cluster.local',
  type: Cluster_DiscoveryType.EDS,
  lbPolicy: Cluster_LbPolicy.LEAST_REQUEST,
  connectTimeout: duration(1500),
  metadata: { filterMetadata: { istio: struct({ services: [{ name: 'reviews' }], weight: 1.5, absent: undefined, none: null }) } },
  typedExtensionProtocolOptions: {
    http: any('ClusterHttpProtocolOptions', { explicitHttpConfig: { http2ProtocolOptions: { maxConcurrentStreams: uint32(100) } } }),
  },
  outlierDetection: { consecutive5xx: uint32(5) },
};

describe('encode and decode', () => {
  test('what was encoded is decoded: plain objects, without defaults', () => {
    expect(decode('Cluster', encode('Cluster', cluster))).toEqual(JSON.parse(JSON.stringify(cluster), (_, value: unknown) => revive(value)));
    expect(decode('Cluster', encode('Cluster', {}))).toEqual({});
    expect(decode('OutlierDetection', encode('OutlierDetection', { maxEjectionPercent: uint32(0) }))).toEqual({ maxEjectionPercent: {} });
  });

  test('equal content has an equal version, other content another', () => {
    const first = encodeResource('Cluster', 'a', cluster);
    expect(first).toEqual({ name: 'a', version: contentVersion(encode('Cluster', cluster)), bytes: encode('Cluster', cluster) });
    expect(encodeResource('Cluster', 'a', { ...cluster }).version).toBe(first.version);
    expect(encodeResource('Cluster', 'a', { ...cluster, connectTimeout: duration(1501) }).version).not.toBe(first.version);
  });

  test('a field that does not exist is refused, with its path, at any depth', () => {
    // @ts-expect-error no such field
    expect(() => encode('Cluster', { nmae: 'a' })).toThrow('Cluster.nmae: envoy.config.cluster.v3.Cluster has no such field');
    // @ts-expect-error no such field, deeper
    expect(() => encode('Cluster', { loadAssignment: { endpoints: [{}, { lbEndpoint: [] }] } })).toThrow('Cluster.loadAssignment.endpoints[1].lbEndpoint:');
    // @ts-expect-error the message of another name
    expect(() => any('Router', { statPrefix: 'x' })).toThrow('Router.statPrefix:');
    const filterMetadata = { istio: { fieldz: {} } };
    // @ts-expect-error no such field, in a map
    expect(() => encode('Cluster', { metadata: { filterMetadata } })).toThrow('Cluster.metadata.filterMetadata[istio].fieldz:');
    expect(() => encode('Cluster', JSON.parse('{"__proto__": {"a": 1}}') as Cluster)).toThrow('Cluster.__proto__');
  });

  test('a message put together from encoded elements is what the whole would have been', () => {
    const text = fc.string({ maxLength: 300 });
    const host = fc.record({ name: text, domains: fc.array(text), includeRequestAttemptCount: fc.boolean() }, { requiredKeys: [] });
    const rest = fc.record({
      name: text, validateClusters: fc.boolean().map(bool), ignorePortInHostMatching: fc.boolean(), responseHeadersToRemove: fc.array(text),
      maxDirectResponseBodySizeBytes: fc.nat().map(uint32),
    }, { requiredKeys: [] });
    fc.assert(fc.property(rest, fc.array(host), (table, virtualHosts) => {
      const elements = virtualHosts.map((one) => encodeElement('RouteConfiguration', 'virtualHosts', one));
      const whole = encode('RouteConfiguration', { ...table, virtualHosts });
      expect(encodeWithElements('RouteConfiguration', table, { field: 'virtualHosts', elements })).toEqual(whole);
      expect(virtualHosts.map((one) => wrapElement('RouteConfiguration', 'virtualHosts', encode('VirtualHost', one)))).toEqual(elements);
      expect(Buffer.concat(elements)).toEqual(Buffer.from(encodeElements('RouteConfiguration', 'virtualHosts', virtualHosts)));
    }));
    // @ts-expect-error no such field in an element
    expect(() => encodeElement('RouteConfiguration', 'virtualHosts', { domain: [] })).toThrow('RouteConfiguration.virtualHosts[0].domain:');
  });

  test('messages have flat names; those that packages share have a prefix', () => {
    expect(['Cluster', 'RBAC', 'HttpRBAC', 'NetworkRBAC', 'StringMatcher', 'XdsStringMatcher'].map((name) => typeUrlOf(name as 'RBAC'))).toEqual([
      'envoy.config.cluster.v3.Cluster', 'envoy.config.rbac.v3.RBAC', 'envoy.extensions.filters.http.rbac.v3.RBAC',
      'envoy.extensions.filters.network.rbac.v3.RBAC', 'envoy.type.matcher.v3.StringMatcher', 'xds.type.matcher.v3.StringMatcher',
    ].map((name) => `type.googleapis.com/${name}`));
    expect(() => encode('Nonsense' as 'Cluster', {})).toThrow('Nonsense');
  });
});

describe('toJson and fromJson', () => {
  test('canonical protobuf JSON: names of enums, durations as text, wrappers plain, Any unpacked', () => {
    const json = {
      name: cluster.name,
      type: 'EDS',
      lbPolicy: 'LEAST_REQUEST',
      connectTimeout: '1.500s',
      metadata: { filterMetadata: { istio: { services: [{ name: 'reviews' }], weight: 1.5, none: null } } },
      typedExtensionProtocolOptions: {
        http: {
          '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          explicitHttpConfig: { http2ProtocolOptions: { maxConcurrentStreams: 100 } },
        },
      },
      outlierDetection: { consecutive5xx: 5 },
    };
    expect(toJson('Cluster', cluster)).toEqual(json);
    expect(toJson('Cluster', encode('Cluster', cluster))).toEqual(json);
    expect(encode('Cluster', fromJson('Cluster', json))).toEqual(encode('Cluster', cluster));
  });

  test('snake_case is read as Envoy reads it; unknown fields are refused', () => {
    expect(fromJson('Cluster', { connect_timeout: '0.25s', lb_policy: 'RANDOM' })).toEqual({ connectTimeout: { nanos: 250_000_000 }, lbPolicy: 3 });
    expect(() => fromJson('Cluster', { conect_timeout: '1s' })).toThrow('conect_timeout');
    expect(() => fromJson('Listener', { filterChains: [{ filters: [{ typedConfig: { '@type': 'type.googleapis.com/envoy.Unknown' } }] }] })).toThrow('envoy.Unknown');
  });

  test('type URLs name messages too', () => {
    const router = any('Router', { startChildSpan: true });
    expect(unpack(router)).toEqual({ startChildSpan: true });
    expect(unpack({ typeUrl: 'type.googleapis.com/some.Thing', value: new Uint8Array() })).toBeUndefined();
    expect(toJson(router.typeUrl as 'type.googleapis.com/x', router.value!)).toEqual({ startChildSpan: true });
  });
});

describe('well-known types', () => {
  test('durations are milliseconds, whole and broken', () => {
    fc.assert(fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 999 }), (ms, thousandths) => {
      const { seconds = 0, nanos = 0 } = duration(ms + thousandths / 1000);
      expect(Math.abs(nanos)).toBeLessThan(1e9);
      expect(seconds * 1000 + nanos / 1e6).toBeCloseTo(ms + thousandths / 1000, 2);
    }));
    expect(toJson('Duration', duration(0))).toBe('0s');
    expect(toJson('Duration', duration(999.9999999))).toBe('1s');
  });

  test('structs hold any JSON', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (json) => {
      const plain = JSON.parse(JSON.stringify(json)) as Record<string, unknown>;
      expect(fromStruct(decode('Struct', encode('Struct', struct(plain))))).toEqual(plain);
    }));
    expect(() => struct({ f: () => 1 })).toThrow('a protobuf Struct holds JSON only, got a function');
  });

  test('wrappers keep zero values', () => {
    expect([toJson('UInt32Value', uint32(0)), toJson('BoolValue', bool(false)), toJson('DoubleValue', double(0))]).toEqual([0, false, 0]);
  });
});

function revive(value: unknown): unknown {
  const isBuffer = typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
  return isBuffer ? Buffer.from((value as { data: number[] }).data) : value;
}

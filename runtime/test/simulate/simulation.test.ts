import type { FilterChain, HttpConnectionManager, Listener, RouteMatch, VirtualHost } from '../../src/envoy';
import { any, encodeResource, uint32 } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import type { Call, Outcome } from '../../src/simulate';
import { NotModelled, Simulation } from '../../src/simulate';

const CALL: Call = { at: 'gateway', address: '10.0.0.1', port: 80, protocol: 'http', tls: 'plaintext', authority: 'shop.example', path: '/' };

function run(listener: Listener, call: Partial<Call> = {}): Outcome {
  const resource = encodeResource('Listener', 'l', { name: 'l', address: { socketAddress: { address: '0.0.0.0', portValue: 80 } }, ...listener });
  return new Simulation(new Map([[TYPE_URLS.listener, new Map([['l', resource]])]])).run({ ...CALL, ...call });
}

const tcp = (name: string, filterChainMatch?: FilterChain['filterChainMatch']): FilterChain =>
  ({ name, filterChainMatch, filters: [{ name: 'envoy.filters.network.tcp_proxy', typedConfig: any('TcpProxy', { cluster: name }) }] });

function http(virtualHosts: readonly VirtualHost[], manager: HttpConnectionManager = {}): Listener {
  const typedConfig = any('HttpConnectionManager', { routeConfig: { name: 'table', virtualHosts }, ...manager });
  return { filterChains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig }] }] };
}

const hostWith = (...matches: RouteMatch[]): VirtualHost =>
  ({ name: 'any', domains: ['*'], routes: matches.map((match, i) => ({ name: `r${i}`, match, route: { cluster: `c${i}` } })) });
const TLS_INSPECTOR = [{ name: 'envoy.filters.listener.tls_inspector' }];

describe('filter chains', () => {
  test('the longest name wins, and a choice by name is not taken back', () => {
    const chains = [
      tcp('wild', { serverNames: ['*.example'] }), tcp('deep', { serverNames: ['*.shop.example'] }), tcp('none'),
      tcp('exact', { serverNames: ['a.shop.example'], transportProtocol: 'raw_buffer' }),
    ];
    const to = (sni: string) => {
      const { filterChain, error } = run({ filterChains: chains, listenerFilters: TLS_INSPECTOR }, { tls: 'tls', sni, protocol: 'tcp' });
      return filterChain ?? error;
    };
    expect(['b.shop.example', 'b.example', 'example', 'a.shop.example'].map(to)).toEqual(['deep', 'wild', 'none', 'no filter chains matched']);
  });

  test('without an inspector no name is seen', () => {
    expect(run({ filterChains: [tcp('named', { serverNames: ['a'] }), tcp('none')] }, { tls: 'tls', sni: 'a', protocol: 'tcp' }).filterChain).toBe('none');
  });

  test('the longest prefix of an address wins', () => {
    const range = (name: string, prefixLen: number) => tcp(name, { prefixRanges: [{ addressPrefix: '10.0.0.0', prefixLen: uint32(prefixLen) }] });
    expect(run({ filterChains: [range('wide', 8), range('narrow', 24)] }, { protocol: 'tcp' }).filterChain).toBe('narrow');
  });

  test('two that suit alike are an error of the configuration', () => {
    expect(run({ filterChains: [tcp('one'), tcp('two')] }, { protocol: 'tcp' }).error).toBe('multiple filter chains matched');
  });
});

describe('routes', () => {
  test('a header that is missing does not match inverted, unless it counts as empty', () => {
    const header = { name: 'x', stringMatch: { exact: 'a' }, invertMatch: true };
    const match = (treatMissingHeaderAsEmpty: boolean): RouteMatch => ({ prefix: '/', headers: [{ ...header, treatMissingHeaderAsEmpty }] });
    expect(run(http([hostWith(match(false))])).error).toBe('no route matched');
    expect(run(http([hostWith(match(true))])).cluster).toBe('c0');
  });

  test('names of hosts: exact, then suffixes, then prefixes, then any', () => {
    const hosts = ['*', 'shop.*', '*.example', 'shop.example'].map((domain): VirtualHost => ({ ...hostWith({ prefix: '/' }), name: domain, domains: [domain] }));
    const to = (authority: string) => run(http(hosts), { authority }).virtualHost;
    expect(['SHOP.example', 'a.example', 'shop.test', 'a.test'].map(to)).toEqual(['shop.example', '*.example', 'shop.*', '*']);
  });

  test('weights are told as shares', () => {
    const weightedClusters = { clusters: [{ name: 'a', weight: uint32(90) }, { name: 'b', weight: uint32(10) }] };
    const host: VirtualHost = { name: 'any', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { weightedClusters } }] };
    expect(run(http([host])).shares).toEqual([{ cluster: 'a', weight: 90 }, { cluster: 'b', weight: 10 }]);
  });

  test('dots of a path are taken away where the proxy does so', () => {
    const listener = http([hostWith({ path: '/a/c' })], { normalizePath: { value: true } });
    expect(run(listener, { path: '/a/b/../c?q=1' }).cluster).toBe('c0');
  });
});

describe('what is not modelled is an error', () => {
  test.each<[string, Listener, Partial<Call>]>([
    ['a listener filter', { filterChains: [tcp('a')], listenerFilters: [{ name: 'some.filter' }] }, {}],
    ['a criterion of chains', { filterChains: [tcp('a', { addressSuffix: '1' })] }, {}],
    ['a criterion of routes', http([hostWith({ prefix: '/', runtimeFraction: { defaultValue: { numerator: 1 } } })]), {}],
    ['an HTTP filter', http([hostWith({ prefix: '/' })], { httpFilters: [{ name: 'envoy.filters.http.rbac' }] }), {}],
    ['a path that is normalized by rules of its own', http([hostWith({ prefix: '/' })], { normalizePath: { value: true } }), { path: '/%2e/' }],
    ['where a connection comes from', { filterChains: [tcp('a', { sourcePorts: [1] })] }, {}],
  ])('%s', (_, listener, call) => {
    expect(() => run(listener, call)).toThrow(NotModelled);
  });
});

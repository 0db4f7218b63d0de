import fc from 'fast-check';
import type { Resource } from '../../src/model/resource';
import { Simulation } from '../../src/simulate';
import { EMPTY, compile, edit, object, proxy, service } from './fixtures';

const LABELS = { app: 'edge' };
const NAMES = ['a.example.com', 'b.example.com', 'c.test'];

interface Rules {
  readonly hosts: readonly string[];
  /** Of each route the prefix of its paths; undefined: every path. */
  readonly routes: readonly (string | undefined)[];
  readonly age: number;
}

const rules: fc.Arbitrary<Rules> = fc.record({
  hosts: fc.uniqueArray(fc.constantFrom('a.example.com', 'b.example.com', '*.example.com', '*'), { minLength: 1, maxLength: 2 }),
  routes: fc.array(fc.constantFrom('/x', '/x/y', '/z', undefined), { minLength: 1, maxLength: 3 }),
  age: fc.integer({ min: 1, max: 3 }),
});
const served = fc.constantFrom(['*'], ['*.example.com'], ['a.example.com'], ['*.example.com', 'a.example.com']);

function virtualService({ hosts, routes, age }: Rules, i: number): Resource {
  const http = routes.map((prefix, j) => ({ name: `r${i}.${j}`, ...(prefix && { match: [{ uri: { prefix } }] }), route: [{ destination: { host: 'web' } }] }));
  const resource = object('VirtualService', `r${i}`, { hosts, gateways: ['edge'], http });
  return { ...resource, metadata: { ...resource.metadata, creationTimestamp: `2024-01-0${age}T00:00:00Z` } };
}

const isIn = (name: string, host: string): boolean => host === '*' || host === name || (host.startsWith('*.') && name.endsWith(host.slice(1)));

/** What a host of a rule and one of a server have in common: of two that overlap the narrower one is within the other. */
function common(host: string, server: string): string | undefined {
  return host === server || isIn(host.replace('*', 'any'), server) ? host : isIn(server.replace('*', 'any'), host) ? server : undefined;
}

/**
 * As the documents have it: the VirtualServices of a host are one, the oldest first, and what takes everything comes last; the narrowest name
 * alone counts (https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services).
 */
function expected(all: readonly Rules[], servers: readonly string[], name: string, path: string): string | undefined {
  const bound = all.map((one, i) => ({ ...one, i, domains: one.hosts.flatMap((host) => servers.flatMap((server) => common(host, server) ?? [])) }));
  const [domain] = bound.flatMap((one) => one.domains).filter((one) => isIn(name, one)).sort((a, b) => Number(a.startsWith('*')) - Number(b.startsWith('*')) || b.length - a.length);
  const routes = bound.filter((one) => one.domains.includes(domain)).sort((a, b) => a.age - b.age || a.i - b.i).flatMap(({ i, routes: own }) => {
    const last = own.indexOf(undefined);
    return own.slice(0, last < 0 ? undefined : last + 1).map((prefix, j) => ({ prefix, id: `r${i}.${j}` }));
  });
  return [...routes.filter((one) => one.prefix), ...routes.filter((one) => !one.prefix)].find(({ prefix = '/' }) => path.startsWith(prefix))?.id;
}

test('the VirtualServices of a host of a gateway are one, the oldest first', () => {
  fc.assert(fc.property(fc.array(rules, { maxLength: 4 }), served, fc.constantFrom(...NAMES), fc.constantFrom('/x', '/x/y', '/z', '/w'), (all, servers, authority, path) => {
    const gateway = object('Gateway', 'edge', { selector: LABELS, servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: servers }] });
    const configuration = compile(edit(EMPTY, { put: [service('web', '10.96.0.1'), gateway, ...all.map(virtualService)] }), proxy('edge', LABELS, 'router'));
    const { route } = new Simulation(configuration).run({ at: 'gateway', address: '10.0.0.1', port: 80, protocol: 'http', tls: 'plaintext', authority, path });
    expect(route).toBe(expected(all, servers, authority, path));
  }), { numRuns: 400 });
});

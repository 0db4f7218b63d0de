import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { Compiler, parseNode } from '../../src/compile';
import type { HttpConnectionManager, HttpFilter, HttpRBAC, Listener, NetworkRBAC } from '../../src/envoy';
import { decode, fromJson, unpack } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import type { Proxy } from '../../src/model/proxy';
import type { Resource } from '../../src/model/resource';
import type { Visitor } from '../../src/simulate';
import { decideAccess } from '../../src/simulate';
import { visitorsFor } from './authorization-visitors';
import type { SuitePolicy } from './authorization-visitors';
import { partsOf } from './authorization-parts';
import { camelCased, snapshotOfResources } from './routing-mesh';

/** One set of policies of `authorization.json`, and the filters that Istio makes of them. */
export interface SuiteAccess {
  readonly name: string;
  readonly kind: 'http' | 'tcp';
  readonly policy: string;
  readonly trustDomains: readonly string[] | null;
  readonly meshConfig?: object;
  readonly want: readonly string[];
}

export interface AccessResult {
  readonly name: string;
  /** Requests on which we and Istio do not agree; empty if there are none. */
  readonly differences: readonly string[];
  readonly requests: number;
  readonly reason?: string;
}

/** Where we decide differently from Istio, and why. */
const DIFFERENT: readonly (readonly [name: RegExp, why: string])[] = [];
/** Whom the policies with action CUSTOM ask. */
const AUTHORIZER: Resource = {
  apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'foo', name: 'my-custom-ext-authz' }, spec: { selector: { app: 'authz' }, ports: [{ name: 'grpc', port: 9000 }] },
};

/** A policy that wants everything and nothing at once decides alike on all requests, so its halves are looked at too. */
const PARTS = ['everything', 'what is wanted', 'what is not wanted'] as const;
const MIXED = 2_000;
const MOST_SHOWN = 5;

export function readAuthorizationSuite(folder: string): readonly SuiteAccess[] | undefined {
  const file = join(folder, 'authorization.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as SuiteAccess[] : undefined;
}

/** Lets Istio's filters and ours decide on the same requests. */
export function replayAccess(one: SuiteAccess): AccessResult {
  const policies = loadAll(one.policy) as (Resource & SuitePolicy)[];
  const [theirs, ours] = [one.want.map((text) => parseFilter(load(text) as object, one.kind)), emittedFilters(one, policies)];
  const visitors = visitorsFor(policies, MIXED, generator(one.name));
  const differences = PARTS.flatMap((part) => {
    const [expecting, getting] = [theirs, ours].map((filters) => filters.map((filter) => filter && partsOf(filter, part)));
    return visitors.flatMap((visitor) => {
      const [expected, got] = [decisions(expecting, visitor), decisions(getting, visitor)];
      return expected === got ? [] : [`${part}: expected ${expected}, got ${got} for ${JSON.stringify(visitor)}`];
    });
  });
  const reason = DIFFERENT.find(([name]) => name.test(one.name))?.[1];
  return { name: one.name, requests: visitors.length, differences: differences.slice(0, MOST_SHOWN), ...(reason && { reason }) };
}

type AccessFilter = HttpRBAC | NetworkRBAC | undefined;

/** All that the filters decide: in force, on trial, and by which rule. */
function decisions(filters: readonly AccessFilter[], visitor: Visitor): string {
  return JSON.stringify(filters.map((filter) => (filter ? decideAccess(filter, visitor) : 'asks')));
}

function parseFilter(json: object, kind: SuiteAccess['kind']): AccessFilter {
  const { name, typedConfig } = fromJson(kind === 'http' ? 'HttpFilter' : 'Filter', json) as HttpFilter;
  return /rbac$/.test(name ?? '') && typedConfig ? unpack(typedConfig) as AccessFilter : undefined;
}

function emittedFilters({ kind, trustDomains, meshConfig }: SuiteAccess, policies: readonly Resource[]): AccessFilter[] {
  const [trustDomain = 'cluster.local', ...trustDomainAliases] = trustDomains ?? [];
  const mesh = JSON.stringify({ ...camelCased(meshConfig ?? {}) as object, trustDomain, trustDomainAliases });
  const resources: Resource[] = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'istio-system', name: 'istio' }, data: { mesh } },
    { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'foo', name: 'httpbin' }, spec: { selector: { app: 'httpbin' }, ports: [{ name: kind, port: 8000 }] } },
    AUTHORIZER,
    ...policies,
  ];
  const { configuration } = new Compiler().compile(snapshotOfResources(resources), workload());
  const bytes = configuration.get(TYPE_URLS.listener)?.get('virtualInbound')?.bytes;
  const listener: Listener = bytes ? decode('Listener', bytes) : {};
  const chain = listener.filterChains?.find((each) => each.filterChainMatch?.destinationPort?.value === 8000);
  const filters = chain?.filters ?? [];
  const manager = filters.find(({ name }) => name === 'envoy.filters.network.http_connection_manager')?.typedConfig;
  const http = manager ? (unpack(manager) as HttpConnectionManager).httpFilters ?? [] : [];
  return [...filters, ...http].flatMap(({ name = '', typedConfig }) => (/(rbac|ext_authz)$/.test(name) && typedConfig
    ? [name.endsWith('rbac') ? unpack(typedConfig) as AccessFilter : undefined]
    : []));
}

function workload(): Proxy {
  const parsed = parseNode({
    id: 'sidecar~10.244.0.9~httpbin.foo~foo.svc.cluster.local', metadata: { NAMESPACE: 'foo', LABELS: { app: 'httpbin', version: 'v1' } },
  });
  if (typeof parsed === 'string') {
    throw new Error(parsed);
  }
  return parsed;
}

/** The same numbers for the same name, so that what fails can be run again (mulberry32). */
function generator(name: string): () => number {
  let state = [...name].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

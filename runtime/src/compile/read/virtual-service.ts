import { isIP } from 'node:net';

import { unreachableRules } from '../../../../imports/checks/unreachable';
import type {
  VirtualServiceSpec, VirtualServiceSpecHttp, VirtualServiceSpecHttpRoute, VirtualServiceSpecTcp, VirtualServiceSpecTcpRoute, VirtualServiceSpecTls,
} from '../../../../imports/istio/virtual-service.types';
import { ROOMS } from '../../features';
import { readDestination } from '../../features/destination';
import { Attachments } from '../../model/attachment';
import { resolveHost } from '../../model/host';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import type { HttpRule, TcpRule, TlsRule, VirtualService, WeightedDestination } from '../../model/route';
import { MESH_GATEWAY } from '../../model/route';
import { readExportTo } from './export-to';
import { readHttpMatches, readTcpMatch, readTlsMatch } from './match';
import { readWithRooms } from './rooms';

const MAX_WEIGHT = 0xffff_ffff;

export function readVirtualService(resource: Resource, place: Place): readonly VirtualService[] {
  const spec = resource.spec as VirtualServiceSpec;
  const { namespace } = resource.metadata;
  const at = place.at('spec');
  for (const { path, takenBy } of unreachableRules(spec)) {
    at.at(path).problem(`is never used: ${at.at(takenBy).path} takes all its requests before`, 'warning');
  }
  if (!spec.hosts?.length) {
    checkDelegate(spec, at, namespace);
    return [];
  }
  const hosts = readHosts(spec.hosts, at.at('hosts'));
  return hosts.length === 0 ? [] : [{
    resource: refOf(resource),
    namespace,
    hosts: hosts.map((host) => resolveHost(host, namespace)),
    gateways: (spec.gateways?.length ? spec.gateways : [MESH_GATEWAY]).map((name) => resolveGateway(name, namespace)),
    exportTo: readExportTo(spec.exportTo, namespace),
    http: (spec.http ?? []).flatMap((rule, i) => readHttpRule(rule, at.at('http').at(i), namespace)),
    tls: (spec.tls ?? []).map((rule, i) => readTlsRule(rule, at.at('tls').at(i), namespace)),
    tcp: (spec.tcp ?? []).flatMap((rule, i) => readTcpRule(rule, at.at('tcp').at(i), namespace)),
    created: resource.metadata.creationTimestamp ?? '',
  }];
}

/** As ValidateWildcardDomain in istio/istio pkg/config/validation, of which Envoy takes all. */
const HOST = /^(\*|\*?[-a-z0-9_]+(\.[-a-z0-9_]+)*\.?|\*(\.[-a-z0-9_]+)+\.?)$/;

function readHosts(hosts: readonly string[], place: Place): string[] {
  return hosts.map((host) => host.toLowerCase()).filter((host, i) => {
    const fits = HOST.test(host) || isIP(host) !== 0;
    if (!fits) {
      place.at(i).problem(`${JSON.stringify(hosts[i])} is no name of DNS and no address: write letters, digits and '-' between dots, with '*' at the beginning only; the host is left out`);
    }
    return fits;
  });
}

/** A delegate is no VirtualService of its own: whoever names it takes its HTTP rules. What is wrong with them is said here, once. */
function checkDelegate(spec: VirtualServiceSpec, at: Place, namespace: string): void {
  for (const field of ['gateways', 'tls', 'tcp'] as const) {
    if (spec[field]?.length) {
      at.at(field).problem('has no effect without hosts: a VirtualService without hosts is a delegate, of which only http counts', 'warning');
    }
  }
  (spec.http ?? []).forEach((rule, i) => {
    const place = at.at('http').at(i);
    if (rule.delegate) {
      place.at('delegate').problem('stands in a delegate, and delegates cannot delegate: name that VirtualService in the root; the rule is left out');
    } else {
      readHttpRule(rule, place, namespace);
    }
  });
}

/** `gateway`, `namespace/gateway`, and the old form `gateway.namespace.svc.cluster.local`. */
export function resolveGateway(name: string, namespace: string): string {
  if (name === MESH_GATEWAY) {
    return name;
  }
  if (name.includes('/')) {
    return name.startsWith('./') ? `${namespace}/${name.slice(2)}` : name;
  }
  const [first, second] = name.split('.');
  return second ? `${second}/${first}` : `${namespace}/${first}`;
}

export function readHttpRule(spec: VirtualServiceSpecHttp, place: Place, namespace: string): HttpRule[] {
  const matches = readHttpMatches(spec.match ?? [], place.at('match'), (gateway) => resolveGateway(gateway, namespace));
  if (spec.match?.length && matches.length === 0) {
    // Every condition was broken: the rule must not become one for all requests.
    return [];
  }
  const features = readWithRooms((room) => room.rule?.(spec, place, namespace));
  if (spec.delegate) {
    for (const field of ['route', 'redirect'] as const) {
      if (spec[field]) {
        place.at(field).problem('has no effect beside delegate: write it into the delegate', 'warning');
      }
    }
    // The rules of the delegate take its place, once all objects are read.
    return [];
  }
  checkAnswers(spec, place);
  const answered = ROOMS.some((room) => room.reader?.answers?.(features));
  const destinations = answered ? [] : readHttpDestinations(spec, place, namespace);
  if (!answered && destinations.length === 0) {
    place.problem('sends requests nowhere: give it a route with some weight, redirect or directResponse; the rule is left out');
    return [];
  }
  const alsoTo = ROOMS.flatMap((room) => room.reader?.destinations?.(spec, namespace) ?? []);
  return [{ name: spec.name ?? '', matches, destinations, shares: destinations.length > 0 && (spec.route?.length ?? 0) > 1, alsoTo, features }];
}

/** What is written beside an answer never comes to pass; the first of redirect, directResponse and route does. */
function checkAnswers(spec: VirtualServiceSpecHttp, place: Place): void {
  const answer = spec.redirect ? 'redirect' : spec.directResponse ? 'directResponse' : undefined;
  for (const field of ['directResponse', 'route', 'rewrite', 'mirror', 'mirrors', 'retries', 'timeout'] as const) {
    const value = spec[field];
    if (answer && field !== answer && value !== undefined && !(Array.isArray(value) && value.length === 0)) {
      place.at(field).problem(`has no effect beside ${answer}, which answers the request: write one of them`, 'warning');
    }
  }
}

function readHttpDestinations(spec: VirtualServiceSpecHttp, place: Place, namespace: string): WeightedDestination[] {
  const all = (spec.route ?? []).map((one: VirtualServiceSpecHttpRoute, i) => ({
    destination: readDestination(one.destination, namespace),
    weight: one.weight ?? 0,
    features: readWithRooms((room) => room.destination?.(one, place.at('route').at(i))),
    path: place.at('route').at(i).at('destination').path,
  }));
  const some = withoutZeroWeights(all);
  if (some.reduce((sum, one) => sum + one.weight, 0) > MAX_WEIGHT) {
    place.at('route').problem(`has weights that add up to more than ${MAX_WEIGHT}: let them add up to 100`);
    return [];
  }
  return some;
}

function readTlsRule(spec: VirtualServiceSpecTls, place: Place, namespace: string): TlsRule {
  const gatewayOf = (name: string) => resolveGateway(name, namespace);
  const matches = spec.match.flatMap((match, i) => readTlsMatch(match, place.at('match').at(i), gatewayOf) ?? []);
  return { matches, destinations: readConnections(spec.route, place, namespace) };
}

function readTcpRule(spec: VirtualServiceSpecTcp, place: Place, namespace: string): TcpRule[] {
  const gatewayOf = (name: string) => resolveGateway(name, namespace);
  const matches = (spec.match ?? []).flatMap((match, i) => readTcpMatch(match, place.at('match').at(i), gatewayOf) ?? []);
  // As with HTTP: a rule whose conditions are all broken must not become one for everything.
  return spec.match?.length && matches.length === 0 ? [] : [{ matches, destinations: readConnections(spec.route, place, namespace) }];
}

function readConnections(route: readonly VirtualServiceSpecTcpRoute[] | undefined, place: Place, namespace: string): WeightedDestination[] {
  const some = withoutZeroWeights((route ?? []).map((one, i) => ({
    destination: readDestination(one.destination, namespace),
    weight: one.weight ?? 0,
    features: Attachments.NONE,
    path: place.at('route').at(i).at('destination').path,
  })));
  if (some.length === 0) {
    place.problem('sends connections nowhere: give it a route with some weight; the rule is left out');
  }
  return some;
}

/** One destination gets everything, whatever its weight says; of several, those of weight 0 get nothing. */
function withoutZeroWeights(all: readonly WeightedDestination[]): WeightedDestination[] {
  return all.length === 1 ? [{ ...all[0], weight: 100 }] : all.filter((one) => one.weight > 0);
}

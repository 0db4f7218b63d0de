import type {
  VirtualServiceSpec, VirtualServiceSpecHttp, VirtualServiceSpecHttpRoute, VirtualServiceSpecTcp, VirtualServiceSpecTcpRoute, VirtualServiceSpecTls,
} from '../../../../imports/istio/virtual-service.types';
import { ROOMS } from '../../features';
import { readDestination } from '../../features/destination';
import { Attachments } from '../../model/attachment';
import { resolveHost } from '../../model/host';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import type { HttpRule, TcpRule, TlsRule, VirtualService, WeightedDestination } from '../../model/route';
import { MESH_GATEWAY } from '../../model/route';
import { readExportTo, refOf } from './export-to';
import { readHttpMatches, readTcpMatch, readTlsMatch } from './match';
import { readWithRooms } from './rooms';

export function readVirtualService(resource: Resource, place: Place): readonly VirtualService[] {
  const spec = resource.spec as VirtualServiceSpec;
  const { namespace } = resource.metadata;
  if (!spec.hosts?.length) {
    place.at('spec').at('hosts').problem('is empty: only a delegate has no hosts, and delegates are not handled');
    return [];
  }
  const at = place.at('spec');
  return [{
    resource: refOf(resource),
    namespace,
    hosts: spec.hosts.map((host) => resolveHost(host.toLowerCase(), namespace)),
    gateways: (spec.gateways?.length ? spec.gateways : [MESH_GATEWAY]).map((name) => resolveGateway(name, namespace)),
    exportTo: readExportTo(spec.exportTo, namespace),
    http: (spec.http ?? []).flatMap((rule, i) => readHttpRule(rule, at.at('http').at(i), namespace)),
    tls: (spec.tls ?? []).map((rule, i) => readTlsRule(rule, at.at('tls').at(i), namespace)),
    tcp: (spec.tcp ?? []).map((rule, i) => readTcpRule(rule, at.at('tcp').at(i), namespace)),
    created: resource.metadata.creationTimestamp ?? '',
  }];
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

function readHttpRule(spec: VirtualServiceSpecHttp, place: Place, namespace: string): HttpRule[] {
  const matches = readHttpMatches(spec.match ?? [], place.at('match'), (gateway) => resolveGateway(gateway, namespace));
  if (spec.match?.length && matches.length === 0) {
    // Every condition was broken: the rule must not become one for all requests.
    return [];
  }
  const features = readWithRooms((room) => room.rule?.(spec, place, namespace));
  const destinations = spec.redirect || spec.directResponse ? [] : readHttpDestinations(spec, place, namespace);
  if (destinations.length === 0 && !spec.redirect && !spec.directResponse) {
    place.problem('sends requests nowhere: give it route, redirect or directResponse');
    return [];
  }
  const alsoTo = ROOMS.flatMap((room) => room.reader?.destinations?.(spec, namespace) ?? []);
  return [{ name: spec.name ?? '', matches, destinations, alsoTo, features }];
}

function readHttpDestinations(spec: VirtualServiceSpecHttp, place: Place, namespace: string): WeightedDestination[] {
  const all = (spec.route ?? []).map((one: VirtualServiceSpecHttpRoute, i) => ({
    destination: readDestination(one.destination, namespace),
    weight: one.weight ?? 0,
    features: readWithRooms((room) => room.destination?.(one, place.at('route').at(i))),
    path: place.at('route').at(i).at('destination').path,
  }));
  return withoutZeroWeights(all);
}

function readTlsRule(spec: VirtualServiceSpecTls, place: Place, namespace: string): TlsRule {
  const gatewayOf = (name: string) => resolveGateway(name, namespace);
  return { matches: spec.match.map((match) => readTlsMatch(match, gatewayOf)), destinations: readConnections(spec.route, place, namespace) };
}

function readTcpRule(spec: VirtualServiceSpecTcp, place: Place, namespace: string): TcpRule {
  const gatewayOf = (name: string) => resolveGateway(name, namespace);
  return { matches: (spec.match ?? []).map((match) => readTcpMatch(match, gatewayOf)), destinations: readConnections(spec.route, place, namespace) };
}

function readConnections(route: readonly VirtualServiceSpecTcpRoute[] | undefined, place: Place, namespace: string): WeightedDestination[] {
  return withoutZeroWeights((route ?? []).map((one, i) => ({
    destination: readDestination(one.destination, namespace),
    weight: one.weight ?? 0,
    features: Attachments.NONE,
    path: place.at('route').at(i).at('destination').path,
  })));
}

/** One destination gets everything, whatever its weight says; of several, those of weight 0 get nothing. */
function withoutZeroWeights(all: readonly WeightedDestination[]): WeightedDestination[] {
  return all.length === 1 ? [{ ...all[0], weight: 100 }] : all.filter((one) => one.weight > 0);
}

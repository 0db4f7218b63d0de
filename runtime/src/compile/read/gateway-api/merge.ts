import { compare } from '../../../model/host';
import type { Resource } from '../../../model/resource';
import { refOf } from '../../../model/resource';
import type { HttpRule, VirtualService } from '../../../model/route';
import { MESH_GATEWAY } from '../../../model/route';
import type { Service } from '../../../model/service';
import { Attachments } from '../../../model/attachment';
import { InputCache } from '../../cache';
import { byPrecedence } from './http-match';
import type { HttpShare } from './route';

/**
 * Joins what routes say of one host at one gateway: the Gateway API orders rules by how exact they are, whatever route they stand in.
 * An edit of one route makes those hosts anew that the route is for.
 */
export class RouteMerger {
  private readonly merged = new InputCache<VirtualService>(2);

  public merge(shares: readonly HttpShare[], serviceOf: (host: string) => Service | undefined): VirtualService[] {
    const groups = new Map<string, HttpShare[]>();
    for (const share of shares) {
      const group = groups.get(share.key);
      if (group) {
        group.push(share);
      } else {
        groups.set(share.key, [share]);
      }
    }
    return [...groups].map(([key, group]) => {
      const service = group[0].gateway === MESH_GATEWAY ? serviceOf(group[0].host) : undefined;
      return this.merged.get(key, [service, ...group], () => mergeShares([...group].sort((a, b) => byRouteAge(a.route, b.route)), service));
    });
  }
}

/** Oldest first, then by namespace and name. */
export function byRouteAge({ metadata: a }: Resource, { metadata: b }: Resource): number {
  return compare(a.creationTimestamp ?? '', b.creationTimestamp ?? '') || compare(a.namespace, b.namespace) || compare(a.name, b.name);
}

function mergeShares(shares: readonly HttpShare[], service: Service | undefined): VirtualService {
  const [{ route, gateway, host, consumer }] = shares;
  const http = shares.flatMap(({ rules, port }) => (port === undefined ? rules : rules.map((rule) => onPort(rule, port)))).sort(byPrecedence);
  return {
    resource: { ...refOf(route) },
    namespace: route.metadata.namespace,
    hosts: [host],
    gateways: [gateway],
    exportTo: consumer === undefined ? undefined : new Set([consumer]),
    http: [...http, ...otherPorts(shares, service)],
    tls: [],
    tcp: [],
    created: route.metadata.creationTimestamp ?? '',
  };
}

function onPort(rule: HttpRule, port: number): HttpRule {
  const matches = rule.matches.length > 0 ? rule.matches : [EVERYTHING];
  return { ...rule, matches: matches.map((match) => ({ ...match, port })) };
}

const EVERYTHING: HttpRule['matches'][number] = { ignoreUriCase: false, headers: [], withoutHeaders: [], claims: [], queryParams: [], sourceLabels: {}, gateways: [] };

/** A route for one port of a Service leaves the others as they are. */
function otherPorts(shares: readonly HttpShare[], service: Service | undefined): HttpRule[] {
  if (!service || shares.some((one) => one.port === undefined)) {
    return [];
  }
  const routed = new Set(shares.map((one) => one.port));
  return service.ports.filter(({ number }) => !routed.has(number)).map(({ number }) => ({
    name: 'default',
    matches: [{ ...EVERYTHING, port: number }],
    destinations: [{ destination: { host: service.host, subset: '', port: number }, weight: 100, features: Attachments.NONE, path: '' }],
    alsoTo: [],
    features: Attachments.NONE,
  }));
}

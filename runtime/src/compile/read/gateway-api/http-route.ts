import type { GRPCRouteSpec, HTTPRouteSpec, HTTPRouteSpecRules, HTTPRouteSpecRulesMatches } from '../../../gateway-api';
import type { Resource } from '../../../model/resource';
import type { HttpRule } from '../../../model/route';
import { grpcMatch, httpMatch } from './http-match';
import { readHttpRules } from './http-rules';
import type { Parent, RouteSpec } from './parents';
import type { HttpShare, RouteReader } from './route';
import { hostsAt } from './route';

/** What the API server writes where the user leaves `rules` out. */
const EVERYTHING: readonly HTTPRouteSpecRules[] & readonly HTTPRouteSpecRulesMatches[] = [{}];

export const httpRouteReader: RouteReader<HttpRule> = {
  kind: 'HTTPRoute',
  rules(resource, context, place) {
    const { rules = EVERYTHING } = resource.spec as HTTPRouteSpec;
    return readHttpRules(rules, (i) => (rules[i].matches?.length ? rules[i].matches : EVERYTHING).map(httpMatch), context, place);
  },
  output: shareRules,
};

export const grpcRouteReader: RouteReader<HttpRule> = {
  kind: 'GRPCRoute',
  rules(resource, context, place) {
    const { rules = [] } = resource.spec as GRPCRouteSpec;
    return readHttpRules(rules, (i) => (rules[i].matches ?? []).map(grpcMatch), context, place);
  },
  output: shareRules,
};

function shareRules(resource: Resource, parents: readonly Parent[], rulesFor: (parent: Parent) => readonly HttpRule[]): { shares: HttpShare[]; virtualServices: [] } {
  const { namespace } = resource.metadata;
  const shares = parents.flatMap((parent) => {
    const rules = rulesFor(parent);
    const { gateway, ref } = parent;
    return rules.length === 0 ? [] : hostsAt(parent, resource.spec as RouteSpec).map((text): HttpShare => {
      const host = text.toLowerCase();
      const consumer = ref.namespace === namespace ? undefined : namespace;
      return parent.listener
        ? { key: `${gateway}/${host}`, gateway, host, route: resource, rules }
        // What is for one namespace and what is for all do not become one, even if the same namespace says both.
        : { key: `${namespace}/${host}/${consumer ?? '*'}`, gateway, host, route: resource, rules, port: ref.port, consumer };
    });
  });
  return { shares, virtualServices: [] };
}

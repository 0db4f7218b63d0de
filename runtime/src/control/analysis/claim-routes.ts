import { resolveGateway } from '../../compile';
import { isClaimName } from '../../features/claim-name';
import type { GatewaySpec, RequestAuthenticationSpec, VirtualServiceSpec } from '../../istio';
import { ROOT_NAMESPACE } from '../../model/mesh';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import { resourceKey } from '../../model/snapshot';
import { MESH_GATEWAY } from '../../model/route';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { Findings } from './findings';
import { hasLabels, inNamespace, LastFound } from './pods';

const KINDS = {
  routes: 'networking.istio.io/VirtualService',
  gateways: 'networking.istio.io/Gateway',
  policies: 'security.istio.io/RequestAuthentication',
  pods: '/Pod',
} as const;

type World = Kinds<keyof typeof KINDS>;

/** A match on a claim: the first of a VirtualService stands for all. */
interface ClaimMatch {
  readonly name: string;
  readonly path: string;
}

/**
 * Routes by claims where nobody verifies tokens, so that there never are any: IST0149 of `istioctl analyze`
 * (pkg/config/analysis/analyzers/virtualservice/jwtclaimroute.go), and sidecars, which verify them on the way in only.
 */
export class ClaimRoutes extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    const matching = new Findings((route) => {
      const [match] = claimMatches(route);
      return match && { route, match };
    });
    const latest = new LastFound((pod) => resourceKey(pod.metadata.namespace, pod.metadata.name));
    super(KINDS, (world) => matching.of(world.routes, {}).flatMap(({ route, match }) => check(route, match, { world, latest })));
  }
}

function claimMatches({ spec }: Resource): ClaimMatch[] {
  return ((spec as VirtualServiceSpec | undefined)?.http ?? []).flatMap(({ match = [] }, i) => match.flatMap((one, j) =>
    (['headers', 'withoutHeaders'] as const).flatMap((field) => Object.keys(one[field] ?? {}).filter(isClaimName)
      .map((name) => ({ name, path: `spec.http[${i}].match[${j}].${field}.${name}` })))));
}

function check(route: Resource, { name: claim, path }: ClaimMatch, { world, latest }: { world: World; latest: LastFound }): Problem[] {
  const { kind, metadata: { namespace, name } } = route;
  const { hosts = [], gateways } = route.spec as VirtualServiceSpec;
  // A delegate is for the gateways of whoever names it.
  const named = hosts.length === 0 ? [] : gateways?.length ? gateways : [MESH_GATEWAY];
  return named.map((gateway) => resolveGateway(gateway, namespace)).flatMap((gateway) => {
    const unverified = gateway === MESH_GATEWAY ? 'sidecars verify tokens of those who call them, not on the way out'
      : lacksVerification(gateway, { world, latest, asker: resourceKey(namespace, name) });
    return unverified === undefined ? [] : [{
      resource: { kind, namespace, name }, path, severity: 'warning' as const,
      message: `${claim} is never there: ${unverified}`,
    }];
  });
}

/** A pod of the gateway for which no RequestAuthentication is. */
function lacksVerification(gateway: string, { world: { gateways, pods, policies }, latest, asker }: { world: World; latest: LastFound; asker: string }): string | undefined {
  const selector = (gateways.get(gateway)?.spec as GatewaySpec | undefined)?.selector;
  const isBare = (pod: Resource): boolean => ![...inNamespace(policies, ROOT_NAMESPACE), ...inNamespace(policies, pod.metadata.namespace)]
    .some(({ spec }) => hasLabels(pod, (spec as RequestAuthenticationSpec | undefined)?.selector?.matchLabels ?? {}));
  const bare = selector && latest.find(`${asker} ${gateway}`, { pods, among: () => [...pods.values()], suits: (pod) => hasLabels(pod, selector) && isBare(pod) });
  return bare && `no RequestAuthentication verifies tokens at the pods of Gateway ${gateway}, such as ${bare.metadata.name}: write one that selects them`;
}

import type { Attachments } from '../model/attachment';
import type { DestinationRule, TrafficPolicy } from '../model/cluster';
import type { CapturedPorts, Endpoint } from '../model/endpoint';
import { ownPort } from '../model/endpoint';
import type { Mesh } from '../model/mesh';
import type { PeerMode } from '../model/peer';
import type { Problem } from '../model/problem';
import type { Service, ServicePort } from '../model/service';
import type { Labels } from '../model/workload';
import { selects } from '../model/workload';
import { Derived, InputCache } from './cache';
import { emittersWith } from './emit/rooms';
import type { NamespaceIndex } from './peers';
import { NamespacesCompiler } from './peers';

type World = Pick<Mesh, 'servicesByHost' | 'endpoints' | 'destinationRules' | 'gateways' | 'policies' | 'settings'>;

const ASKING = emittersWith('asksPeer');

/** What a rule asks for, somewhere. */
interface Asked {
  readonly mode: string;
  /** Whether connections begin with mutual TLS of the mesh. */
  readonly mutual: boolean;
  readonly path: string;
  /** Undefined: every port that has no settings of its own. */
  readonly port?: number;
  readonly except: readonly number[];
  readonly labels: Labels;
}

/**
 * Rules that ask for another TLS than those take for whom they are: what `istioctl analyze` once called MTLSPolicyConflict (IST0113). Calls by
 * them fail.
 */
export class PeerProblems {
  private readonly namespaces = new NamespacesCompiler();
  private readonly found = new InputCache<readonly Problem[]>(1);
  private readonly asking = new Derived((rules: readonly DestinationRule[]) => rules.flatMap((rule) => {
    const asked = askedBy(rule);
    return asked.length > 0 ? [{ rule, asked }] : [];
  }));

  public of(world: World): readonly Problem[] {
    const { endpoints, destinationRules, gateways, servicesByHost } = world;
    const asking = this.asking.of(destinationRules);
    const namespaces = this.namespaces.of(world);
    return asking.length === 0 ? NONE : this.found.get('', [asking, servicesByHost, endpoints, gateways, namespaces], () => asking.flatMap(({ rule, asked }) =>
      (servicesByHost.get(rule.host) ?? []).filter((service) => !service.meshExternal).flatMap((service) =>
        asked.flatMap((one) => conflict(service, one, { world, namespaces }).map((message) => ({ resource: rule.resource, path: one.path, message, severity: 'warning' as const }))))));
  }
}

const NONE: readonly Problem[] = [];

function askedBy({ policy, subsets }: DestinationRule): Asked[] {
  return [
    ...askedIn(policy, 'spec.trafficPolicy', {}),
    ...subsets.flatMap((subset, i) => askedIn(subset.policy, `spec.subsets[${i}].trafficPolicy`, subset.labels)),
  ];
}

function askedIn({ settings, ports }: TrafficPolicy, path: string, labels: Labels): Asked[] {
  const own = (of: Attachments, at: string, port: Pick<Asked, 'port' | 'except'>) =>
    ASKING.flatMap((emitter) => emitter.asksPeer(of) ?? []).map((asked): Asked => ({ ...asked, ...port, path: `${at}.tls.mode`, labels }));
  return [
    ...own(settings, path, { except: [...ports.keys()] }),
    ...[...ports].flatMap(([port, of], i) => own(of, `${path}.portLevelSettings[${i}]`, { port, except: [] })),
  ];
}

interface Context {
  readonly world: World;
  readonly namespaces: NamespaceIndex;
}

/** A sentence about the first port at which some of the endpoints take something else. */
function conflict(service: Service, { mode, mutual, port: only, except, labels }: Asked, { world, namespaces }: Context): string[] {
  const peers = namespaces.of(service.namespace);
  const members = world.endpoints.of(service).filter((endpoint) => selects(labels, endpoint.labels));
  const ports = service.ports.filter(({ number }) => (only === undefined ? !except.includes(number) : only === number));
  for (const port of ports) {
    for (const endpoint of members) {
      const target = ownPort(endpoint, port.name) ?? port.targetPort ?? port.number;
      const taken = endpoint.mutualTls && peers.modeOf(endpoint, target);
      const why = mutual ? whyNotMutual(endpoint, { target, taken }) : undefined;
      if (why !== undefined && !isGateway(service, endpoint, world)) {
        return [`begins mutual TLS, but ${why(port, service)}: calls fail; remove tls, so that callers do what servers take`];
      }
      if (!mutual && taken === 'STRICT') {
        return [`port ${port.number} of ${service.host} takes mutual TLS only (PeerAuthentication STRICT), and ${mode} is none: calls are cut off; `
          + 'remove tls, so that callers do what servers take, or use ISTIO_MUTUAL'];
      }
    }
  }
  return [];
}

type Reason = (port: ServicePort, service: Service) => string;

/** Of those without an account nobody knows whether there is a proxy. */
function whyNotMutual(endpoint: Endpoint, { target, taken }: { readonly target: number; readonly taken: PeerMode | undefined }): Reason | undefined {
  if (taken === 'DISABLE') {
    return ({ number }, { host }) => `a PeerAuthentication has it off (DISABLE) at port ${number} of ${host}`;
  }
  if (taken === undefined) {
    return endpoint.identity && (({ number }, { host }) => `${endpoint.address} behind port ${number} of ${host} has no proxy that takes it (the label security.istio.io/tlsMode: istio says who has)`);
  }
  const { only, except } = endpoint.mutualTls as CapturedPorts;
  return except.includes(target) || only?.includes(target) === false
    ? ({ number }, { host }) => `${endpoint.address} behind port ${number} of ${host} keeps its port ${target} from its proxy (excludeInboundPorts, includeInboundPorts)`
    : undefined;
}

/** Gateways end mutual TLS where a server of theirs says so, and have no label for it. */
function isGateway({ host }: Service, { labels }: Endpoint, { gateways }: World): boolean {
  return gateways.some((gateway) => (gateway.forServices.length > 0 ? gateway.forServices.includes(host) : selects(gateway.selector, labels)));
}

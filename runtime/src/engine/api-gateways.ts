import { readMesh } from '../compile';
import { GATEWAY_API } from '../gateway-api';
import type { Pod, Service } from '../kubernetes';
import { CLUSTER_DOMAIN, intersection } from '../model/host';
import type { Gateway } from '../model/listener';
import type { VirtualService } from '../model/route';
import { resourcesOf, type Snapshot } from '../model/snapshot';
import type { ObjectStatus } from '../model/status';
import { isGateway, type GatewayOverview } from './gateways';
import { matches, selects } from './selector';

/** Kinds of which others than Istio's own objects make gateways. */
const KINDS = [`${GATEWAY_API}/Gateway`, 'networking.k8s.io/Ingress'];

/** What gateways serve because of the Gateway API and of Ingresses, as the control plane understands them. */
export function apiGatewayOverviews(snapshot: Snapshot): GatewayOverview[] {
  if (KINDS.every((kind) => resourcesOf(snapshot, kind).size === 0)) {
    return [];
  }
  const { gateways, virtualServices } = readMesh(snapshot);
  const own = resourcesOf(snapshot, 'networking.istio.io/Gateway');
  return gateways.filter(({ name }) => !own.has(name)).flatMap((gateway) => {
    const service = serviceOf(gateway, snapshot);
    const bound = virtualServices.filter((one) => one.gateways.includes(gateway.name));
    const { namespace, name } = gateway.resource;
    return gateway.servers.flatMap(({ port, hosts }) => bound.flatMap((rule) => intersection([...new Set(hosts.map((one) => one.host))], rule.hosts).map((host) => ({
      name: `${namespace}/${name}`, ...(service ? { service } : {}), port: port.number, protocol: port.protocol.toUpperCase(), host, path: pathOf(rule),
    }))));
  });
}

/** Conditions of all objects of the Gateway API. */
export function statusesOf(snapshot: Snapshot): readonly ObjectStatus[] {
  return [...snapshot.kinds.keys()].some((kind) => kind.startsWith(GATEWAY_API)) ? readMesh(snapshot).statuses() : [];
}

/** `namespace/name` of the Service in front of a gateway's pods. */
function serviceOf({ forServices, selector }: Gateway, snapshot: Snapshot): string | undefined {
  const named = forServices.map((host) => host.split('.')).find((parts) => parts.slice(2).join('.') === `svc.${CLUSTER_DOMAIN}`);
  if (named) {
    return `${named[1]}/${named[0]}`;
  }
  const pods = ([...resourcesOf(snapshot, '/Pod').values()] as Pod[]).filter((pod) => isGateway(pod) && matches(selector, pod));
  const service = ([...resourcesOf(snapshot, '/Service').values()] as Service[]).find((one) => pods.some((pod) => selects(one, pod)));
  return service && `${service.metadata.namespace}/${service.metadata.name}`;
}

function pathOf({ http }: VirtualService): string {
  const paths = http.flatMap((rule) => rule.matches).flatMap(({ uri }) => (uri && uri.kind !== 'present' && uri.kind !== 'regex' ? [uri.value] : []));
  return paths.find((path) => path.startsWith('/')) ?? '/';
}

import type {
  EnvoyFilterSpecConfigPatchesMatch, EnvoyFilterSpecConfigPatchesMatchListener, EnvoyFilterSpecConfigPatchesMatchRouteConfiguration,
} from '../../../../imports/istio/envoy-filter.types';
import type { PatchMatch } from './model';

/** In Istio's API an empty text and a zero say nothing. */
export function readMatch({ listener, routeConfiguration, cluster }: EnvoyFilterSpecConfigPatchesMatch): PatchMatch {
  return {
    listener: listener && readListener(listener),
    routeConfiguration: routeConfiguration && readRoutes(routeConfiguration),
    cluster: cluster && {
      name: cluster.name || undefined, service: cluster.service || undefined, subset: cluster.subset || undefined, portNumber: cluster.portNumber || undefined,
    },
  };
}

function readListener({ name, portNumber, listenerFilter, filterChain }: EnvoyFilterSpecConfigPatchesMatchListener): PatchMatch['listener'] {
  return {
    name: name || undefined,
    portNumber: portNumber || undefined,
    listenerFilter: listenerFilter || undefined,
    filterChain: filterChain && {
      name: filterChain.name || undefined,
      sni: filterChain.sni || undefined,
      transportProtocol: filterChain.transportProtocol || undefined,
      applicationProtocols: (filterChain.applicationProtocols ?? '').split(',').filter((one) => one !== ''),
      destinationPort: filterChain.destinationPort || undefined,
      filter: filterChain.filter?.name,
      subFilter: filterChain.filter?.subFilter?.name,
    },
  };
}

function readRoutes({ name, portNumber, portName, gateway, vhost }: EnvoyFilterSpecConfigPatchesMatchRouteConfiguration): PatchMatch['routeConfiguration'] {
  const action = vhost?.route?.action;
  return {
    name: name || undefined,
    portNumber: portNumber || undefined,
    portName: portName || undefined,
    gateway: gateway || undefined,
    vhost: vhost && {
      name: vhost.name || undefined,
      domainName: vhost.domainName || undefined,
      route: vhost.route && { name: vhost.route.name || undefined, action: action === 'ANY' ? undefined : action },
    },
  };
}

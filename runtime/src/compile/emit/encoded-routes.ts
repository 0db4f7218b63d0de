import type { Route, VirtualHost } from '../../envoy';
import { encodeElement, encodeElements, encodeWithElements, resourceOf, wrapElement } from '../../envoy';
import type { EncodedResource } from '../../model/configuration';
import type { Switches } from '../../model/switches';
import { emitHiddenTrust } from './http-trust';
import { isCatchAll } from './route';
import { emitRouteConfiguration } from './virtual-host';

/** By which Istio's proxies tell each other what they are: nobody outside of the mesh has something to say there. */
const PEER_HEADERS = ['x-envoy-peer-metadata', 'x-envoy-peer-metadata-id'];

/** A virtual host as it stands in a route table: tables are put together from them, and one edited host does not cost the others. */
export function encodeVirtualHost(host: VirtualHost): Uint8Array {
  return encodeElement('RouteConfiguration', 'virtualHosts', host);
}

/** Routes as they stand in virtual hosts. Those for everything are apart: of several VirtualServices they must not hide what comes after them. */
export interface EncodedRoutes {
  readonly narrow: Uint8Array;
  readonly catchAll: Uint8Array;
}

/** A list of routes that stands in one virtual host or several, beside others. */
export function encodeRoutes(routes: readonly Route[]): EncodedRoutes {
  const encoded = (some: readonly Route[]): Uint8Array => encodeElements('VirtualHost', 'routes', some);
  return { narrow: encoded(routes.filter((route) => !isCatchAll(route))), catchAll: encoded(routes.filter(isCatchAll)) };
}

/** The same as `encodeVirtualHost`, with routes that `encodeRoutes` made: of ten thousand on one host an edit of some does not cost the others. */
export function encodeJoinedHost(host: Omit<VirtualHost, 'routes'>, parts: readonly EncodedRoutes[]): Uint8Array {
  const elements = [...parts.map((part) => part.narrow), ...parts.map((part) => part.catchAll)];
  return wrapElement('RouteConfiguration', 'virtualHosts', encodeWithElements('VirtualHost', host, { field: 'routes', elements }));
}

/** A route table of hosts as they are encoded here, for requests of the application. */
export function encodeRouteTable(name: string, elements: readonly Uint8Array[], switches: Switches): EncodedResource {
  const table = { ...emitRouteConfiguration(name), ...emitHiddenTrust({ switches }) };
  return resourceOf(name, encodeWithElements('RouteConfiguration', table, { field: 'virtualHosts', elements }));
}

/** The same where requests come from outside. Envoy itself takes other `x-envoy-*` headers from those; of Istio's it does not know. */
export function encodeEdgeTable(name: string, elements: readonly Uint8Array[]): EncodedResource {
  const table = { ...emitRouteConfiguration(name), requestHeadersToRemove: PEER_HEADERS };
  return resourceOf(name, encodeWithElements('RouteConfiguration', table, { field: 'virtualHosts', elements }));
}

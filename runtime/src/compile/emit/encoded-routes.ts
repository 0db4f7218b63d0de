import type { VirtualHost } from '../../envoy';
import { encodeElement, encodeWithElements, resourceOf } from '../../envoy';
import type { EncodedResource } from '../../model/configuration';
import { emitRouteConfiguration } from './virtual-host';

/** A virtual host as it stands in a route table: tables are put together from them, and one edited host does not cost the others. */
export function encodeVirtualHost(host: VirtualHost): Uint8Array {
  return encodeElement('RouteConfiguration', 'virtualHosts', host);
}

/** A route table of hosts that `encodeVirtualHost` made. */
export function encodeRouteTable(name: string, elements: readonly Uint8Array[]): EncodedResource {
  return resourceOf(name, encodeWithElements('RouteConfiguration', emitRouteConfiguration(name), { field: 'virtualHosts', elements }));
}

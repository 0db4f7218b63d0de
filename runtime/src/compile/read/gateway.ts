import type { GatewaySpec, GatewaySpecServers } from '../../../../imports/istio/gateway.types';
import { readAddress, readServerNames } from '../../features/address';
import { PORT, readNumber } from '../../features/number-range';
import { isForeignSecret } from '../../features/secret-config';
import { Attachments } from '../../model/attachment';
import type { Gateway, Server, ServerHost, ServerTls } from '../../model/listener';
import type { Place } from '../../model/place';
import { isHttp, parseProtocol } from '../../model/protocol';
import type { Resource } from '../../model/resource';
import { refOf } from './export-to';
import { readWithRooms } from './rooms';

/** Set by whoever makes Gateways of other objects, such as those of the Gateway API. */
const FOR_SERVICES = 'internal.istio.io/gateway-service';

export function readGateway(resource: Resource, place: Place): readonly Gateway[] {
  const spec = resource.spec as GatewaySpec;
  const { namespace, name } = resource.metadata;
  return [{
    resource: refOf(resource),
    name: `${namespace}/${name}`,
    selector: spec.selector ?? {},
    forServices: (resource.metadata.annotations?.[FOR_SERVICES] ?? '').split(',').filter((host) => host !== ''),
    servers: (spec.servers ?? []).flatMap((server, i) => readOwnServer(server, place.at('spec').at('servers').at(i), namespace)),
    created: resource.metadata.creationTimestamp ?? '',
  }];
}

function readOwnServer(spec: GatewaySpecServers, place: Place, namespace: string): Server[] {
  const { credentialName, credentialNames = [], caCertCredentialName } = spec.tls ?? {};
  const foreign = [credentialName, ...credentialNames, caCertCredentialName].find(isForeignSecret);
  if (foreign !== undefined) {
    place.at('tls').problem(`'${foreign}' is no name of a Secret in the namespace of the gateway pods: the server is left out`);
    return [];
  }
  return readServer(spec, place, namespace);
}

export function readServer(spec: GatewaySpecServers, place: Place, namespace: string): Server[] {
  const protocol = parseProtocol(spec.port.protocol);
  const tls = readTls(spec, place);
  if (tls === 'broken') {
    return [];
  }
  if (!tls && (protocol === 'HTTPS' || protocol === 'TLS')) {
    place.at('tls').problem(`is missing, but protocol ${spec.port.protocol} needs it: set mode and credentialName, or mode PASSTHROUGH`);
    return [];
  }
  const bind = spec.bind ? readAddress(spec.bind, place.at('bind')) : '0.0.0.0';
  const number = readNumber(spec.port.number, PORT, place.at('port').at('number'));
  const hosts = readHosts(spec.hosts, namespace);
  const named = tls?.mode === 'TERMINATE' ? hosts.filter(({ host }) => readServerNames([host], place.at('hosts')).length > 0) : hosts;
  return bind === undefined || number === undefined || named.length === 0 ? [] : [{
    name: spec.name ?? '',
    port: { number, name: spec.port.name, protocol: protocol === 'Auto' ? 'TCP' : protocol },
    bind,
    hosts: named,
    tls,
  }];
}

function readTls(spec: GatewaySpecServers, place: Place): ServerTls | undefined | 'broken' {
  if (!spec.tls) {
    return undefined;
  }
  const httpsRedirect = spec.tls.httpsRedirect ?? false;
  if (isHttp(parseProtocol(spec.port.protocol))) {
    // A plain HTTP server has `tls` only for httpsRedirect.
    return { mode: 'PLAIN', httpsRedirect, features: Attachments.NONE };
  }
  const mode = spec.tls.mode ?? 'PASSTHROUGH';
  if (mode === 'AUTO_PASSTHROUGH') {
    place.at('tls').at('mode').problem('AUTO_PASSTHROUGH is not handled: the server is left out');
    return 'broken';
  }
  if (mode === 'PASSTHROUGH') {
    return { mode: 'PASSTHROUGH', httpsRedirect, features: Attachments.NONE };
  }
  const settings = spec.tls;
  const features = readWithRooms((room) => room.serverTls?.(settings, place.at('tls')));
  return features === Attachments.NONE ? 'broken' : { mode: 'TERMINATE', httpsRedirect, features };
}

/** `host`, `namespace/host`; `./` is the gateway's own namespace, and `*` before the slash all of them. */
function readHosts(hosts: readonly string[], namespace: string): ServerHost[] {
  return hosts.map((text) => {
    const slash = text.indexOf('/');
    const host = text.slice(slash + 1).toLowerCase();
    const from = slash < 0 ? '*' : text.slice(0, slash);
    return from === '*' ? { host } : { namespace: from === '.' ? namespace : from, host };
  });
}

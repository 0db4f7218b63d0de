import type { GatewaySpec, GatewaySpecServers } from '../../../../imports/istio/gateway.types';
import { readAddress, readServerNames } from '../../features/address';
import { PORT, readNumber } from '../../features/number-range';
import { OWN_CERTIFICATE } from '../../features/server-tls/model';
import { isWritable } from '../../model/host';
import { Attachments } from '../../model/attachment';
import type { Gateway, Server, ServerHost, ServerTls } from '../../model/listener';
import type { Place } from '../../model/place';
import { isHttp, parseProtocol } from '../../model/protocol';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import { readWithRooms } from './rooms';

/** Set by whoever makes Gateways of other objects, such as those of the Gateway API. */
const FOR_SERVICES = 'internal.istio.io/gateway-service';

const UNIX = 'unix://';

export function readGateway(resource: Resource, place: Place): readonly Gateway[] {
  const spec = resource.spec as GatewaySpec;
  const { namespace, name } = resource.metadata;
  warnOfNames(spec.servers ?? [], place.at('spec').at('servers'));
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
  return spec.tls && isForeign(spec.tls, place.at('tls')) ? [] : readServer(spec, place, namespace);
}

/** One server. What it may refer to is for whoever calls to find out. */
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
  if (protocol === 'UDP') {
    place.at('port').at('protocol').problem('gateways do not forward UDP, Istio\'s neither: the server is left out');
    return [];
  }
  const bind = spec.bind ? readBind(spec.bind, place.at('bind')) : '';
  const number = bind?.startsWith(UNIX) ? spec.port.number : readNumber(spec.port.number, PORT, place.at('port').at('number'));
  const hosts = readHosts(spec.hosts, namespace, place.at('hosts'));
  const named = tls?.mode === 'TERMINATE' ? hosts.filter(({ host }) => readServerNames([host], place.at('hosts')).length > 0) : hosts;
  return bind === undefined || number === undefined || named.length === 0 ? [] : [{
    name: spec.name ?? '',
    port: { number, name: spec.port.name, protocol: protocol === 'Auto' ? 'TCP' : protocol },
    bind,
    hosts: named,
    tls,
    path: place.path,
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
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') {
    return { mode, httpsRedirect, features: Attachments.NONE };
  }
  const settings = spec.tls;
  const features = readWithRooms((room) => room.serverTls?.(settings, place.at('tls')));
  return features === Attachments.NONE ? 'broken' : { mode: 'TERMINATE', httpsRedirect, features };
}

/** Full names are for the Gateway API, where a ReferenceGrant opens a namespace. Here nothing does. */
function isForeign({ credentialName, credentialNames, caCertCredentialName }: NonNullable<GatewaySpecServers['tls']>, place: Place): boolean {
  const found = [credentialName, ...credentialNames ?? [], caCertCredentialName].find((name) => name?.includes('://') && name !== OWN_CERTIFICATE);
  if (found !== undefined) {
    place.problem(`'${found}' may lead to another namespace, whose Secrets are nobody else's: name a Secret in the namespace of the gateway pods; the server is left out`);
  }
  return found !== undefined;
}

function readBind(text: string, place: Place): string | undefined {
  return text.startsWith(UNIX) ? text : readAddress(text, place);
}

/** `host`, `namespace/host`; `./` is the gateway's own namespace, and `*` before the slash all of them. */
function readHosts(hosts: readonly string[], namespace: string, place: Place): ServerHost[] {
  return hosts.flatMap((text, i) => {
    const slash = text.indexOf('/');
    const host = text.slice(slash + 1).toLowerCase();
    const from = slash < 0 ? '*' : text.slice(0, slash);
    if (from === '~') {
      place.at(i).problem(`'~' stands for no namespace at all, so nobody could bind rules to '${text}': it is left out`);
      return [];
    }
    if (!isWritable(host)) {
      place.at(i).problem(`${JSON.stringify(text)} has characters that no host name has: it is left out`);
      return [];
    }
    return from === '*' ? [{ host }] : [{ namespace: from === '.' ? namespace : from, host }];
  });
}

/** Servers of one Gateway with one name share their statistics. */
function warnOfNames(servers: readonly GatewaySpecServers[], place: Place): void {
  const seen = new Set<string>();
  servers.forEach(({ name = '' }, i) => {
    if (name !== '' && seen.has(name)) {
      place.at(i).at('name').problem(`another server of this Gateway is called '${name}': their statistics cannot be told apart`, 'warning');
    }
    seen.add(name);
  });
}

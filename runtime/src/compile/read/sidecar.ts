import type {
  SidecarSpec, SidecarSpecEgress, SidecarSpecEgressPort, SidecarSpecIngress, SidecarSpecOutboundTrafficPolicy,
} from '../../../../imports/istio/sidecar.types';
import { isIP } from 'node:net';
import { readAddress } from '../../features/address';
import { readDestination } from '../../features/destination';
import { PORT, readNumber, readRequired } from '../../features/number-range';
import { Attachments } from '../../model/attachment';
import { resolveHost } from '../../model/host';
import type { EgressHost, EgressListener, IngressListener, ListenerPort, OutboundTrafficPolicy, Sidecar } from '../../model/listener';
import type { Place } from '../../model/place';
import { isSocket } from '../../model/listener';
import { isTls, parseProtocol } from '../../model/protocol';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import { readSettings } from './destination-rule';
import { readWithRooms } from './rooms';

export function readSidecar(resource: Resource, place: Place): readonly Sidecar[] {
  const spec = (resource.spec ?? {}) as SidecarSpec;
  const { namespace } = resource.metadata;
  const at = place.at('spec');
  return [{
    resource: refOf(resource),
    namespace,
    workloadSelector: spec.workloadSelector?.labels,
    egress: readListeners(spec.egress ?? [], at.at('egress'), namespace),
    ingress: (spec.ingress ?? []).flatMap((listener, i) => readIngress(listener, at.at('ingress').at(i))),
    outboundTrafficPolicy: spec.outboundTrafficPolicy && readOutbound(spec.outboundTrafficPolicy, namespace),
    inboundPolicy: spec.inboundConnectionPool ? readSettings({ connectionPool: spec.inboundConnectionPool }, at.at('inboundConnectionPool')) : Attachments.NONE,
    created: resource.metadata.creationTimestamp ?? '',
  }];
}

function readOutbound(spec: SidecarSpecOutboundTrafficPolicy, namespace: string): OutboundTrafficPolicy {
  // In the API, REGISTRY_ONLY is the zero value: `outboundTrafficPolicy: {}` means it.
  return { mode: spec.mode ?? 'REGISTRY_ONLY', egressProxy: spec.egressProxy && readDestination(spec.egressProxy, namespace) };
}

function readPort(spec: SidecarSpecEgressPort): ListenerPort {
  return { number: spec.number ?? 0, name: spec.name ?? '', protocol: parseProtocol(spec.protocol) };
}

/** None at all would mean everything: where all are left out, nothing is imported. */
function readListeners(specs: readonly SidecarSpecEgress[], place: Place, namespace: string): EgressListener[] {
  const listeners = specs.flatMap((listener, i) => readEgress(listener, place.at(i), namespace));
  return specs.length > 0 && listeners.length === 0 ? [NOTHING] : listeners;
}

const NOTHING: EgressListener = { bind: '', bindToPort: false, hosts: [], excluded: [] };

function readEgress(spec: SidecarSpecEgress, place: Place, namespace: string): EgressListener[] {
  if (isSocket(spec.bind ?? '') || (spec.port && !spec.port.number)) {
    return readSocket(spec, place, namespace);
  }
  const number = spec.port?.number ? readNumber(spec.port.number, PORT, place.at('port').at('number')) : 0;
  const bind = spec.bind ? readAddress(spec.bind, place.at('bind')) : '';
  return number === undefined || bind === undefined ? [] : [{
    port: spec.port && readPort(spec.port),
    // Without capture and without an address of its own, a listener is for the applications of this pod only.
    bind: bind || (spec.captureMode === 'NONE' && spec.port ? '127.0.0.1' : ''),
    bindToPort: spec.captureMode === 'NONE',
    ...readHosts(spec.hosts, place.at('hosts'), namespace),
  }];
}

/** A Unix socket has no number: validateSidecarEgressPortBindAndCaptureMode of istio/istio pkg/config/validation. */
function readSocket({ bind = '', port, captureMode, hosts }: SidecarSpecEgress, place: Place, namespace: string): EgressListener[] {
  const left = 'the listener is left out';
  if (!isSocket(bind)) {
    place.at('port').at('number').problem(`is missing: give it, or \`bind: unix:///path\` for a socket, which has none; ${left}`);
  } else if (!/^unix:\/\/(@.+|\/(.*[^/])?)$/.test(bind) || bind === 'unix:///') {
    place.at('bind').problem(`'${bind}' is neither unix:///path nor unix://@name: ${left}`);
  } else if (!port || port.number) {
    place.at('port').problem(`${port ? 'has a number, and a socket has none' : 'is missing'}: write what is spoken there, as in { protocol: HTTP, name: http }; ${left}`);
  } else if (captureMode === 'IPTABLES') {
    place.at('captureMode').problem(`IPTABLES cannot lead to a socket: leave it out, or write NONE; ${left}`);
  } else {
    return [{ port: readPort(port), bind, bindToPort: true, ...readHosts(hosts, place.at('hosts'), namespace) }];
  }
  return [];
}

/** `namespace/host`: `.` is the own namespace, `*` all of them. With `~` before it the hosts are left out; `~` alone stands for all namespaces. */
function readHosts(texts: readonly string[], place: Place, namespace: string): Pick<EgressListener, 'hosts' | 'excluded'> {
  const read = (excluded: boolean) => texts.flatMap((text, i) => (text.startsWith('~') !== excluded ? [] :
    readHost(excluded ? text.replace(/^~(?=\/)/, '*').replace(/^~/, '') : text, place.at(i), namespace)));
  return { hosts: read(false), excluded: read(true) };
}

function readHost(text: string, place: Place, namespace: string): EgressHost[] {
  const [from, host, ...rest] = text.split('/');
  if (host === undefined || rest.length > 0 || host === '') {
    place.problem(`'${text}' is not of the form namespace/host, such as ./reviews.shop.svc.cluster.local or */*`);
    return [];
  }
  return [{ namespace: from === '.' ? namespace : from, host: resolveHost(host.toLowerCase(), namespace) }];
}

function readIngress(spec: SidecarSpecIngress, place: Place): IngressListener[] {
  const defaultEndpoint = spec.defaultEndpoint ? readEndpoint(spec.defaultEndpoint, place.at('defaultEndpoint')) : undefined;
  const bind = spec.bind ? readAddress(spec.bind, place.at('bind')) : '';
  const tls = spec.tls ? readTls(spec, place) : undefined;
  const number = readRequired(spec.port.number, PORT, place.at('port').at('number'));
  const bindToPort = spec.captureMode === 'NONE';
  if (bindToPort && !spec.defaultEndpoint) {
    place.at('defaultEndpoint').problem('is missing: with captureMode NONE the listener takes the port, so the application must listen elsewhere');
    return [];
  }
  return defaultEndpoint === 'broken' || tls === 'broken' || bind === undefined || number === undefined ? [] : [{
    port: readPort(spec.port),
    bind,
    bindToPort,
    tls,
    path: place.path,
    defaultEndpoint,
    settings: spec.connectionPool && readSettings({ connectionPool: spec.connectionPool }, place),
  }];
}

/**
 * What cannot be terminated must not be taken for plain text: the listener is left out. Istio does so only where ENABLE_TLS_ON_SIDECAR_INGRESS is
 * set; whoever writes the field means it, so here no switch is needed.
 */
function readTls({ tls = {}, port }: SidecarSpecIngress, place: Place): Attachments | 'broken' {
  const protocol = parseProtocol(port.protocol);
  if (!isTls(protocol)) {
    place.at('tls').problem(`is set, but the port speaks ${protocol}: use HTTPS for requests and TLS for everything else; the listener is left out`);
    return 'broken';
  }
  if (tls.mode !== 'SIMPLE' && tls.mode !== 'MUTUAL' && tls.mode !== 'OPTIONAL_MUTUAL') {
    place.at('tls').at('mode').problem(`'${tls.mode ?? 'PASSTHROUGH'}' is not for sidecars: use SIMPLE or MUTUAL; the listener is left out`);
    return 'broken';
  }
  const features = readWithRooms((room) => room.serverTls?.(tls, place.at('tls')));
  return features === Attachments.NONE ? 'broken' : features;
}

/** `127.0.0.1:port` (the application on loopback), `0.0.0.0:port` (the pod's own address) or `unix:///path`. */
function readEndpoint(text: string, place: Place): IngressListener['defaultEndpoint'] | 'broken' {
  if (/^unix:\/\/./.test(text)) {
    return { path: text.slice('unix://'.length) };
  }
  if (/^:\d+$/.test(text)) {
    place.problem(`'${text}' names no address, so connections go to the port where they were going, as in Istio: write 127.0.0.1${text}`, 'warning');
    return undefined;
  }
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  const address = text.slice(0, colon).replace(/^\[|\]$/g, '');
  if (isIP(address) === 0 || !Number.isInteger(port) || port < PORT.min || port > PORT.max) {
    place.problem(`'${text}' is not 127.0.0.1:port, 0.0.0.0:port or unix:///path: the listener is left out`);
    return 'broken';
  }
  return { address, port };
}

import { Attachments } from '../model/attachment';
import type { EncodedResource } from '../model/configuration';
import type { DestinationRule } from '../model/cluster';
import { INBOUND_PASSTHROUGH_CLUSTER, inboundCluster, settingsFor } from '../model/cluster';
import type { PeerSettings } from '../model/peer';
import { peerModeOf } from '../model/peer';
import { PROXY_PORTS } from '../model/listener';
import type { IngressListener, Sidecar } from '../model/listener';
import type { Mesh, MeshSettings } from '../model/mesh';
import type { AppliedPolicies } from '../model/workload-policy';
import { Place } from '../model/place';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { SecretRef } from '../features/emitter';
import { InputCache, ObjectCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { ANY_ADDRESS, LOCALHOST } from './emit/address';
import { emitTermination } from './emit/edge-listener';
import { emitInboundCluster } from './emit/inbound-cluster';
import type { InboundContext, InboundPort } from './emit/inbound-listener';
import { emitBoundInbound, emitVirtualInbound } from './emit/inbound-listener';
import { emitSecret } from './emit/secret';
import { emittersWith } from './emit/rooms';
import { emitInboundPassthroughCluster } from './emit/unknown-cluster';
import { peerSettings } from './peers';
import { policyProblems } from './policy-problems';
import type { Destinations } from './scope';
import type { ServiceTarget } from './service-targets';
import { ServiceTargets } from './service-targets';

export interface Inbound {
  /** The same for all workloads that have them in common. */
  readonly listeners: Encoded;
  readonly clusters: Encoded;
  readonly secrets: readonly SecretRef[];
  readonly problems: readonly Problem[];
}

interface InboundOptions {
  readonly sidecar?: Sidecar;
  readonly destinations: Destinations;
  /** Those of the workload. */
  readonly policies: AppliedPolicies;
}

interface PlannedPort extends InboundPort {
  readonly ingress?: IngressListener;
  /** At the pod's own address, wherever callers wanted to. */
  readonly ownEndpoint?: { readonly address: string; readonly port: number };
  readonly secrets?: readonly SecretRef[];
  /** The service whose rule holds here too. */
  readonly served?: ServiceTarget;
}

interface ReceivedRule {
  readonly rule?: DestinationRule;
  readonly port: number;
}

const RECEIVED = emittersWith('received');

/** What a sidecar does with calls of its own workload. */
export class InboundCompiler {
  private readonly listeners = new InputCache<EncodedResource>();
  private readonly listenerMaps = new InputCache<Encoded>();
  private readonly clusters = new InputCache<EncodedResource>();
  private readonly clusterMaps = new InputCache<Encoded>();
  private readonly ports = new ObjectCache<Proxy, readonly PlannedPort[]>(2);
  private readonly inbounds = new ObjectCache<Proxy, Inbound>(2);
  private readonly targets = new ServiceTargets();

  public compile(mesh: Mesh, proxy: Proxy, options: InboundOptions): Inbound {
    const { settings, services, endpoints } = mesh;
    const { sidecar, destinations, policies } = options;
    const secrets = sidecar?.ingress.some((one) => one.tls) ? mesh.secrets : undefined;
    const planned = this.ports.get(proxy, [services, endpoints, sidecar, settings.features], () => {
      const served = servicePorts(this.targets.of(mesh, proxy));
      return sidecar?.ingress.length ? ingressPorts(sidecar, proxy, { mesh: settings.features, served }) : served;
    });
    const rules = planned.map(({ served }) => served && destinations.receivedRuleFor(served.service));
    return this.inbounds.get(proxy, [settings, policies, planned, sidecar, secrets, ...rules], () => this.make(mesh, proxy, { ...options, planned }));
  }

  private make(mesh: Mesh, proxy: Proxy, options: InboundOptions & { readonly planned: readonly PlannedPort[] }): Inbound {
    const { settings } = mesh;
    const { sidecar, planned, policies } = options;
    const problems: Problem[] = [...policyProblems({ side: 'inbound', settings, policies, ports: planned })];
    const peers = peerSettings(policies, settings.rootNamespace);
    const ports = planned.map((port) => withOwnTls(port, peers, Place.of(sidecar?.resource ?? NOBODY, problems)))
      .filter((port) => hasSecrets(port, { mesh, proxy, sidecar, problems }));
    const passthrough = this.cluster(INBOUND_PASSTHROUGH_CLUSTER, [settings], () => emitInboundPassthroughCluster(settings));
    const own = ports.map((port) => this.inboundCluster(port, settings, options));
    const all = [...own, passthrough];
    return {
      listeners: this.inboundListeners(ports, { settings, policies, peers }),
      clusters: this.clusterMaps.get(all.map((one) => one.name).join(), all, () => byResourceName(all)),
      secrets: ports.flatMap((port) => port.secrets ?? []),
      problems,
    };
  }

  private inboundListeners(ports: readonly PlannedPort[], context: InboundContext): Encoded {
    const { settings, policies } = context;
    const captured = ports.filter((port) => !port.ingress?.bindToPort);
    const all = [
      this.listeners.get(signatureOf(captured), [settings, policies, ...captured.map((port) => port.ingress?.tls)], () =>
        encodeOne('listener', 'virtualInbound', emitVirtualInbound(captured, context))),
      ...ports.filter((port) => port.ingress?.bindToPort).map((port) => this.listeners.get(`bound ${signatureOf([port])}`, [settings, policies, port.ingress?.tls], () => {
        const listener = emitBoundInbound(port, context);
        return encodeOne('listener', listener.name ?? '', listener);
      })),
    ];
    return this.listenerMaps.get(signatureOf(ports), all, () => byResourceName(all));
  }

  private inboundCluster(port: PlannedPort, settings: MeshSettings, { sidecar, destinations }: InboundOptions): EncodedResource {
    const { served, ingress } = port;
    const own = ingress?.settings ?? sidecar?.inboundPolicy ?? Attachments.NONE;
    const rule = served && destinations.receivedRuleFor(served.service);
    const endpoint = port.ownEndpoint ?? ingress?.defaultEndpoint ?? localEndpoint(port, settings);
    const key = `${inboundCluster(port.target)} ${port.protocol} ${JSON.stringify(port.ownEndpoint ?? '')}`;
    const named = settings.statNames.inbound === undefined ? undefined : served;
    return this.cluster(key, [settings, own, ingress?.defaultEndpoint, rule?.policy, rule && served?.port.number, named?.service, named?.port], () => {
      const received = receivedSettings({ rule, port: served?.port.number ?? 0 });
      const policy = settings.defaultPolicy.overriddenBy(received).overriddenBy(own);
      return emitInboundCluster(port.target, port.protocol, { settings, policy, endpoint, served: named });
    });
  }

  private cluster(key: string, inputs: readonly unknown[], emit: () => { name?: string }): EncodedResource {
    return this.clusters.get(key, inputs, () => {
      const cluster = emit();
      return encodeOne('cluster', cluster.name ?? '', cluster);
    });
  }
}

/** As Istio before 1.10: applications that listen on 127.0.0.1 only are reached, and others must listen there too. */
function localEndpoint({ target }: PlannedPort, { inboundMode }: MeshSettings): { address: string; port: number } | undefined {
  return inboundMode === 'LOCALHOST' ? { address: LOCALHOST, port: target } : undefined;
}

function receivedSettings({ rule, port }: ReceivedRule): Attachments {
  const settings = rule && settingsFor(rule.policy, port);
  return settings ? Attachments.of(RECEIVED.flatMap((emitter) => emitter.received(settings))) : Attachments.NONE;
}

/** Of several services on one port of the workload, the oldest decides. */
function servicePorts(targets: readonly ServiceTarget[]): PlannedPort[] {
  const ports = new Map<number, PlannedPort>();
  for (const { service, port, target } of targets) {
    if (!ports.has(target) && !PROXY_PORTS.has(target)) {
      ports.set(target, { target, port: port.number, protocol: port.protocol, operation: `${service.host}:${port.number}`, served: { service, port, target } });
    }
  }
  return [...ports.values()].sort((a, b) => a.target - b.target);
}

interface IngressOptions {
  readonly mesh: Attachments;
  /** The ports of the services that the workload is behind. */
  readonly served: readonly PlannedPort[];
}

function ingressPorts(sidecar: Sidecar, proxy: Proxy, { mesh, served }: IngressOptions): PlannedPort[] {
  const ports = new Map<number, PlannedPort>();
  for (const ingress of sidecar.ingress) {
    if (!ports.has(ingress.port.number) && !PROXY_PORTS.has(ingress.port.number)) {
      ports.set(ingress.port.number, {
        target: ingress.port.number,
        port: ingress.port.number,
        protocol: ingress.port.protocol,
        operation: `${proxy.name}.${proxy.namespace}:${ingress.port.number}`,
        bind: ingress.bind || proxy.addresses[0],
        ingress,
        served: servedAt(ingress.port.number, served),
        ...ownEndpoint(ingress, proxy),
        ...termination(ingress, mesh),
      });
    }
  }
  return [...ports.values()].sort((a, b) => a.target - b.target);
}

/** The rule of the service that callers know the port by holds here too: what it says for single ports, by the number of the listener, as in Istio. */
function servedAt(number: number, ports: readonly PlannedPort[]): ServiceTarget | undefined {
  const served = ports.find(({ target }) => target === number)?.served;
  return served && { ...served, port: { ...served.port, number } };
}

function signatureOf(ports: readonly PlannedPort[]): string {
  return JSON.stringify(ports.map((port) => [port.target, port.port, port.protocol, port.operation, port.bind]));
}

function ownEndpoint({ defaultEndpoint }: IngressListener, { addresses }: Proxy): Pick<PlannedPort, 'ownEndpoint'> {
  const own = defaultEndpoint && 'address' in defaultEndpoint && defaultEndpoint.address === ANY_ADDRESS;
  return own ? { ownEndpoint: { address: addresses[0], port: defaultEndpoint.port } } : {};
}

function termination({ tls, port }: IngressListener, mesh: Attachments): Pick<PlannedPort, 'tls' | 'secrets'> {
  const emitted = tls && emitTermination({ features: tls }, port.protocol === 'HTTPS' ? 'http' : 'bytes', mesh);
  return emitted ? { tls: emitted.transportSocket, secrets: emitted.secrets } : {};
}

interface SecretSearch {
  readonly mesh: Mesh;
  readonly proxy: Proxy;
  readonly sidecar?: Sidecar;
  readonly problems: Problem[];
}

const NOBODY = { kind: 'Sidecar', namespace: '', name: '' };

/** As in Istio, a port that takes mutual TLS ends no other. */
function withOwnTls(port: PlannedPort, peers: PeerSettings, place: Place): PlannedPort {
  const mode = peerModeOf(peers, port.target);
  if (!port.ingress || !port.tls || mode === 'DISABLE') {
    return port;
  }
  [...port.ingress.path.split('.'), 'tls'].reduce((at, step) => at.at(step), place).problem(
    `has no effect, for port ${port.target} takes mutual TLS (${mode}): write a PeerAuthentication with mode DISABLE for it, with a selector and portLevelMtls`, 'warning');
  return { ...port, secrets: [] };
}

/** A listener that waits for a certificate that does not exist would keep all ports of the pod waiting. */
function hasSecrets({ secrets = [], ingress }: PlannedPort, { mesh, proxy, sidecar, problems }: SecretSearch): boolean {
  const missing = secrets.filter((ref) => !emitSecret(ref, proxy.namespace, mesh.secrets));
  if (missing.length > 0 && sidecar && ingress) {
    const path = [...ingress.path.split('.'), 'tls', 'credentialName'];
    const place = path.reduce((at, step) => at.at(step), Place.of(sidecar.resource, problems));
    place.problem(`there is no Secret '${missing[0].secret}' with what TLS needs in namespace ${proxy.namespace}: the listener is left out`);
  }
  return missing.length === 0;
}

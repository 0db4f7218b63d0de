import { Attachments } from '../model/attachment';
import type { EncodedResource } from '../model/configuration';
import { INBOUND_PASSTHROUGH_CLUSTER, inboundCluster } from '../model/cluster';
import { PROXY_PORTS } from '../model/listener';
import type { IngressListener, Sidecar } from '../model/listener';
import type { Mesh, MeshSettings } from '../model/mesh';
import type { Proxy } from '../model/proxy';
import { InputCache, ObjectCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { emitInboundCluster, emitInboundPassthroughCluster } from './emit/cluster';
import type { InboundPort } from './emit/inbound-listener';
import { emitVirtualInbound } from './emit/inbound-listener';
import type { ProxyClass } from './emit/proxy-class';
import type { ServiceTarget } from './service-targets';
import { ServiceTargets } from './service-targets';

export interface Inbound {
  readonly listener: EncodedResource;
  readonly clusters: Encoded;
}

interface InboundOptions {
  readonly proxyClass: ProxyClass;
  readonly sidecar?: Sidecar;
}

interface PlannedPort extends InboundPort {
  readonly ingress?: IngressListener;
}

/** What a sidecar does with calls of its own workload. */
export class InboundCompiler {
  private readonly listeners = new InputCache<EncodedResource>();
  private readonly clusters = new InputCache<EncodedResource>();
  private readonly clusterMaps = new InputCache<Encoded>();
  private readonly inbounds = new ObjectCache<Proxy, Inbound>(2);
  private readonly targets = new ServiceTargets();

  public compile(mesh: Mesh, proxy: Proxy, options: InboundOptions): Inbound {
    const { settings, services, endpoints } = mesh;
    return this.inbounds.get(proxy, [settings, services, endpoints, options.sidecar], () => this.make(mesh, proxy, options));
  }

  private make(mesh: Mesh, proxy: Proxy, { proxyClass, sidecar }: InboundOptions): Inbound {
    const { settings } = mesh;
    const ports = sidecar?.ingress.length ? ingressPorts(sidecar, proxy) : servicePorts(this.targets.of(mesh, proxy));
    const signature = JSON.stringify(ports.map((port) => [port.target, port.protocol, port.operation]));
    const listener = this.listeners.get(signature, [settings], () => encodeOne('listener', 'virtualInbound', emitVirtualInbound(ports, settings)));
    const passthrough = this.cluster(INBOUND_PASSTHROUGH_CLUSTER, [settings, proxyClass.mark], () => emitInboundPassthroughCluster(proxyClass, settings));
    const own = ports.map((port) => this.inboundCluster(port, { proxyClass, settings, sidecar }));
    const all = [...own, passthrough];
    return { listener, clusters: this.clusterMaps.get(all.map((one) => one.name).join(), all, () => byResourceName(all)) };
  }

  private inboundCluster(
    port: PlannedPort, { proxyClass, settings, sidecar }: { proxyClass: ProxyClass; settings: MeshSettings; sidecar?: Sidecar },
  ): EncodedResource {
    const policy = port.ingress?.settings ?? sidecar?.inboundPolicy ?? Attachments.NONE;
    const endpoint = port.ingress?.defaultEndpoint;
    return this.cluster(`${inboundCluster(port.target)} ${port.protocol}`, [settings, proxyClass.mark, policy, endpoint], () =>
      emitInboundCluster(port.target, port.protocol, { proxy: proxyClass, settings, policy, endpoint }));
  }

  private cluster(key: string, inputs: readonly unknown[], emit: () => { name?: string }): EncodedResource {
    return this.clusters.get(key, inputs, () => {
      const cluster = emit();
      return encodeOne('cluster', cluster.name ?? '', cluster);
    });
  }
}

/** Of several services on one port of the workload, the oldest decides. */
function servicePorts(targets: readonly ServiceTarget[]): PlannedPort[] {
  const ports = new Map<number, PlannedPort>();
  for (const { service, port, target } of targets) {
    if (!ports.has(target) && !PROXY_PORTS.has(target)) {
      ports.set(target, { target, protocol: port.protocol, operation: `${service.host}:${port.number}` });
    }
  }
  return [...ports.values()].sort((a, b) => a.target - b.target);
}

function ingressPorts(sidecar: Sidecar, proxy: Proxy): PlannedPort[] {
  const ports = new Map<number, PlannedPort>();
  for (const ingress of sidecar.ingress) {
    if (!ports.has(ingress.port.number) && !PROXY_PORTS.has(ingress.port.number)) {
      ports.set(ingress.port.number, {
        target: ingress.port.number,
        protocol: ingress.port.protocol,
        operation: `${proxy.name}.${proxy.namespace}:${ingress.port.number}`,
        ingress,
      });
    }
  }
  return [...ports.values()].sort((a, b) => a.target - b.target);
}

import type { GatewaySpec, GatewaySpecServers } from '../../istio';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { isOlder } from './age';
import { hasLabels } from './pods';

const KINDS = { gateways: 'networking.istio.io/Gateway', pods: '/Pod' } as const;

type World = Kinds<keyof typeof KINDS>;

/** A server that ends TLS for requests. */
interface Shown {
  readonly gateway: Resource;
  readonly path: string;
  /** The names for which it shows its certificate. */
  readonly hosts: readonly string[];
}

/**
 * Several Gateways that show one certificate on one port of the same pods: browsers use a connection of HTTP/2 for all names of its certificate, and
 * the routes of the other Gateway are not behind it. IST0138 of `istioctl analyze`.
 * @see https://istio.io/latest/docs/ops/common-problems/network-issues/#404-errors-occur-when-multiple-gateways-configured-with-same-tls-certificate
 */
export class SharedCertificates extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    super(KINDS, (world) => [...byCertificate(world).values()].flatMap((shown) => (shown.length < 2 ? [] : shown.flatMap((one) => check(one, shown, world)))));
  }
}

function byCertificate({ gateways }: World): Map<string, Shown[]> {
  const found = new Map<string, Shown[]>();
  for (const gateway of gateways.values()) {
    ((gateway.spec as GatewaySpec | undefined)?.servers ?? []).forEach((server, i) => {
      if (!server.tls?.credentialName || server.port?.protocol?.toUpperCase() !== 'HTTPS') return;
      const key = `${server.port.number} ${server.tls.credentialName}`;
      found.set(key, [...found.get(key) ?? [], { gateway, path: `spec.servers[${i}].tls.credentialName`, hosts: hostsOf(server) }]);
    });
  }
  return found;
}

function hostsOf({ hosts = [] }: GatewaySpecServers): readonly string[] {
  return hosts.map((host) => host.slice(host.indexOf('/') + 1));
}

function check({ gateway, path, hosts }: Shown, all: readonly Shown[], { pods }: World): Problem[] {
  const rival = all.find((other) => isOlder(other.gateway, gateway) && !hosts.some((host) => other.hosts.includes(host))
    && [...pods.values()].some((pod) => hasLabels(pod, selectorOf(gateway)) && hasLabels(pod, selectorOf(other.gateway))));
  if (!rival) return [];
  const { kind, metadata: { namespace, name } } = gateway;
  const { metadata: other } = rival.gateway;
  return [{
    resource: { kind, namespace, name },
    path,
    message: `Gateway ${other.namespace}/${other.name} shows the same certificate on this port: browsers that are connected to ${rival.hosts.join(', ')} send requests for ${hosts.join(', ')} `
      + 'over the same connection (HTTP/2), and they are answered with 404; put all hosts of the certificate into one server, or give each a certificate of its own',
    severity: 'warning',
  }];
}

function selectorOf({ spec }: Resource): Readonly<Record<string, string>> {
  return (spec as GatewaySpec).selector ?? {};
}

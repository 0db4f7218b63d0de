import { Construct } from 'constructs';
import { PeerAuthentication } from '../imports/istio/peer-authentication';
import type { IMeshService } from './mesh-member';
import type { Mtls } from './mtls';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import { hostsOf } from './private/host';
import { invalid } from './private/invalid-value';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { checkNamespace, checkObjectName, unusedId } from './private/names';

/** Mutual TLS of a service, otherwise than around it. */
export interface ServiceMutualTls {
  /** The service. */
  readonly service: IMeshService;
  /**
   * What holds for its ports. Writes `mtls.mode`.
   * @default what holds in the namespace
   */
  readonly mode?: Mtls;
  /**
   * What holds for some of its ports, by the numbers that clients use; it stands in for `mode` there. Writes `portLevelMtls`, by the ports of
   * the pods.
   * @default none
   */
  readonly ports?: Readonly<Record<number, Mtls>>;
  readonly namespace?: never;
}

/** Mutual TLS of a namespace, otherwise than in the mesh. */
export interface NamespaceMutualTls {
  /** The namespace. */
  readonly namespace: string;
  /** What holds for its services, unless they say otherwise. Writes `mtls.mode`. */
  readonly mode: Mtls;
  readonly service?: never;
  readonly ports?: never;
}

/** Whose mutual TLS it is, and how strict. */
export type MutualTlsProps = ServiceMutualTls | NamespaceMutualTls;

/**
 * Mutual TLS for a namespace, a service or some of its ports, where it is to be otherwise than `mtls` of the Mesh says. Writes a
 * PeerAuthentication. Callers with a proxy find out by themselves; callers without one are refused by STRICT, and let in by the others.
 *
 * @example
 * new MutualTls(mesh, 'cart-opens-metrics', { service: cart, ports: { 9090: Mtls.DISABLE } });   // a client without a proxy may ask there
 * new MutualTls(mesh, 'vault-is-strict', { namespace: 'vault', mode: Mtls.STRICT });
 */
export class MutualTls extends Construct {
  /** The PeerAuthentication, an ordinary ApiObject. */
  public readonly peerAuthentication: PeerAuthentication;

  /**
   * @throws {@link MeshError} `invalid-value` if nothing is set or a port does not exist, `conflicting-policy` if the same service or namespace is
   * set already: Istio would follow the older one only
   */
  public constructor(scope: Construct, id: string, props: MutualTlsProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    this.peerAuthentication = props.service === undefined ? this.ofNamespace(props) : this.ofService(props, checkObjectName(id, this));
  }

  private ofNamespace({ namespace, mode }: NamespaceMutualTls): PeerAuthentication {
    if (namespace === undefined || mode === undefined) {
      throw invalid(this, 'is for nobody, or says nothing', 'give it `service`, or `namespace` and `mode`');
    }
    checkNamespace(namespace, this);
    this.claim(`mutual TLS of namespace ${namespace}`, namespace);
    // The mesh writes what holds in its namespaces under the same name; this one stands in for it.
    AppRegistry.of(this).holder(`namespace ${namespace}`)?.node.tryFindChild(`namespace-${namespace}`)?.node.tryRemoveChild('peer-authentication');
    return new PeerAuthentication(this, 'peer-authentication', { metadata: { name: 'default', namespace }, spec: { mtls: { mode } } });
  }

  private ofService({ service, mode, ports = {} }: ServiceMutualTls, name: string): PeerAuthentication {
    checkReference(service, 'service', this);
    if (mode === undefined && Object.keys(ports).length === 0) {
      throw invalid(this, 'says nothing', 'give it `mode` or `ports`');
    }
    if (hostsOf(service)[0].props.exportTo !== undefined) {
      throw invalid(this, `${service.name} belongs to another repository, and so does its mutual TLS`, 'declare it where the service is declared');
    }
    this.claim(`mutual TLS of ${service.host}`, service.name);
    const portLevelMtls = Object.fromEntries(Object.entries(ports).map(([port, own]) => [String(this.podPort(service, Number(port))), { mode: own }]));
    return new PeerAuthentication(this, 'peer-authentication', {
      metadata: { name, namespace: service.namespace },
      spec: defined({
        selector: { matchLabels: service.podLabels },
        mtls: mode && { mode },
        portLevelMtls: Object.keys(portLevelMtls).length > 0 ? portLevelMtls : undefined,
      }),
    });
  }

  private podPort(service: IMeshService, number: number): number {
    const port = service.ports.find((known) => known.number === number);
    if (port === undefined) {
      throw invalid(this, `${service.name} has no port ${number}; it has ${service.ports.map((known) => known.number).join(', ')}`, 'choose one of its ports');
    }
    return port.targetPort;
  }

  private claim(thing: string, name: string): void {
    AppRegistry.of(this).claim(thing, this, {
      code: 'conflicting-policy', problem: `mutual TLS of ${name} is already set`, fix: 'say everything in one of the two: Istio follows the older one only',
    });
  }
}

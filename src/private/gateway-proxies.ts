import type { Construct, IConstruct } from 'constructs';
import { GatewayApi } from '../gateway-api';
import type { GatewayProps, SelectedGatewayProps } from '../gateway-props';
import type { Mesh } from '../mesh';
import { MeshError } from '../mesh-error';
import type { Account } from './accounts';
import { AppRegistry } from './app-registry';
import { GatewayWorkload, type GatewayPort } from './gateway-workload';
import { claimService } from './host-claims';
import { checkDeployedName } from './names';
import { checkWhole } from './number-range';
import type { GatewayPods } from './pod-ports';
import type { Selection } from './selection';

type Labels = Readonly<Record<string, string>>;

/** Who else writes the gateway, or runs its proxies. */
type GatewayOrigin = { readonly kind: 'named'; readonly name: string; readonly namespace: string } | { readonly kind: 'selected'; readonly selector: Labels };

/** What the makers tell the constructor beyond the props that everybody sees. */
export const ORIGIN = Symbol('origin');
export interface MadeGateway {
  readonly [ORIGIN]?: GatewayOrigin;
}

interface ProxiedGateway {
  readonly construct: Construct;
  readonly name: string;
  readonly namespace: string;
  readonly api: GatewayApi;
  readonly origin?: GatewayOrigin;
  readonly mesh: Mesh;
}

/** The proxies that a gateway stands on: its own, those that the control plane deploys for the Gateway API, or somebody else's. */
export class GatewayProxies {
  private readonly selector?: Labels;

  constructor(private readonly gateway: ProxiedGateway, private readonly props: GatewayProps & Partial<SelectedGatewayProps>) {
    this.selector = gateway.origin?.kind === 'selected' ? gateway.origin.selector : undefined;
  }

  /** What Istio's Gateway selects. */
  get labels(): Labels {
    return this.selector ?? GatewayWorkload.labels(this.gateway.name);
  }

  /** Two gateways on the same proxies cannot answer for one host. */
  claimHosts(hosts: readonly string[]): void {
    const { construct, namespace, name } = this.gateway;
    if (this.selector !== undefined && Object.keys(this.selector).length === 0) {
      throw new MeshError({ construct, code: 'invalid-value', problem: 'has an empty `selector`, which selects every proxy', fix: 'give it the labels of the gateway\'s pods' });
    }
    const twice = hosts.find((host, index) => hosts.indexOf(host) !== index);
    if (twice !== undefined) {
      throw new MeshError({ construct, code: 'duplicate-host', problem: `host ${twice} is given twice`, fix: 'give it once, in `host` or in `hosts`' });
    }
    const labels = this.selector && Object.entries(this.selector).map(([label, value]) => `${label}=${value}`).sort().join(',');
    for (const host of hosts) {
      AppRegistry.of(construct).claim(`gateway-host ${host} at ${labels ?? `${namespace}/${name}`}`, construct, {
        code: 'duplicate-host', problem: `host ${host} is already answered for`, fix: 'add the routes to that gateway, or answer for another host',
      });
    }
  }

  checkApi(): void {
    if (this.gateway.api === GatewayApi.KUBERNETES && this.selector !== undefined) {
      throw new MeshError({
        construct: this.gateway.construct, code: 'inexpressible-feature', problem: 'the Gateway API cannot express `selector`: a Gateway brings proxies of its own',
        fix: 'use Gateway.fromName for a Gateway that is there, or leave `api` out',
      });
    }
  }

  /** Proxies of our own, unless somebody else runs them: with the Gateway API it is the control plane that deploys them, as `NAME-CLASS`. */
  deploy(ports: () => readonly GatewayPort[]): void {
    const { construct, name, namespace, api, origin, mesh } = this.gateway;
    const { nodePorts, serviceAnnotations, http3, numTrustedProxies, proxyProtocol, forwardClientCertificate, connectionProfile, serviceType, replicas } = this.props;
    checkWhole(numTrustedProxies ?? 0, 'numTrustedProxies', construct, { min: 0 });
    if (origin !== undefined) {
      return;
    }
    if (api === GatewayApi.KUBERNETES) {
      claimService(checkDeployedName(this.deployedName, construct), namespace, construct);
      return;
    }
    claimService(name, namespace, construct);
    new GatewayWorkload(construct, {
      mesh, name, namespace, ports, serviceType: serviceType ?? 'LoadBalancer', replicas: checkWhole(replicas ?? 1, 'replicas', construct, { min: 0 }),
      ...{ nodePorts, serviceAnnotations, http3, numTrustedProxies, proxyProtocol, forwardClientCertificate, connectionProfile },
    });
  }

  /** Where policies for it stand, and how they name it. */
  place(asker: IConstruct): { readonly namespace: string; readonly selection: Selection } {
    const { name, namespace, api, origin, mesh } = this.gateway;
    if (api === GatewayApi.KUBERNETES) {
      return { namespace, selection: { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name }] } };
    }
    if (origin?.kind === 'named') {
      throw new MeshError({
        construct: asker, code: 'inexpressible-feature', problem: `which pods are behind Gateway ${namespace}/${name} is not known: somebody else writes it`,
        fix: 'use Gateway.fromSelector, which says so, or declare the policy where the gateway is declared',
      });
    }
    // Proxies of somebody else may be in any namespace: policies of the root namespace find them by their labels.
    return { namespace: origin === undefined ? namespace : mesh.controlPlaneNamespace, selection: { selector: { matchLabels: this.labels } } };
  }

  /** What its pods are known by. */
  account(asker: IConstruct): Account {
    const { name, namespace, api, origin } = this.gateway;
    const { serviceAccount } = this.props;
    if (serviceAccount !== undefined) {
      const [first, second] = serviceAccount.split('/');
      return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
    }
    if (origin !== undefined) {
      throw new MeshError({
        construct: asker, code: 'invalid-value', problem: `the service account of gateway ${name} is not known, because somebody else runs its proxies`,
        fix: 'give the gateway `serviceAccount`: \'istio-system/istio-ingressgateway-service-account\' for the one that Istio installs',
      });
    }
    return { namespace, name: api === GatewayApi.KUBERNETES ? this.deployedName : name };
  }

  /** Undefined where nothing is known of them. */
  get pods(): GatewayPods | undefined {
    const { name, namespace, api, origin } = this.gateway;
    if (api === GatewayApi.KUBERNETES) {
      return { namespace, labels: { 'gateway.networking.k8s.io/gateway-name': name } };
    }
    return origin === undefined ? { namespace, labels: this.labels } : this.selector && { labels: this.selector };
  }

  private get deployedName(): string {
    return `${this.gateway.name}-${this.props.gatewayClass ?? 'istio'}`;
  }
}

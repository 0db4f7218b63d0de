import { Construct } from 'constructs';
import type { Mesh } from '../mesh';
import { GatewayWorkload } from './gateway-workload';
import { claimService } from './host-claims';

const NAME = 'istio-ingressgateway';

/** The proxies that Istio installs for Ingress, named and labelled as there: `ingressService` and `ingressSelector` of its MeshConfig. */
export class IngressGateway extends Construct {
  constructor(scope: Construct, mesh: Mesh) {
    super(scope, 'ingress-gateway');
    const namespace = mesh.controlPlaneNamespace;
    claimService(NAME, namespace, this);
    new GatewayWorkload(this, {
      mesh,
      name: NAME,
      namespace,
      labels: { app: NAME, istio: 'ingressgateway' },
      serviceType: 'LoadBalancer',
      replicas: 1,
      ports: () => [{ name: 'http', number: 80, protocol: 'http' }, { name: 'https', number: 443, protocol: 'https' }],
    });
  }
}

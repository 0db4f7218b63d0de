import { DestinationRule } from '../../imports/istio/destination-rule';
import { MeshError } from '../mesh-error';
import type { MeshService } from '../mesh-service';
import { claimService } from './host-claims';
import { lateSpec } from './late-spec';
import { defined } from './merge';
import { serviceHost } from './names';
import { MeshObject } from './plain-print';
import { appProtocol } from './ports';

/** The Service of one version. */
export function versionServiceName(service: string, version: string): string {
  return `${service}-${version}`;
}

/**
 * Writes a Service for each version of a service, once, because the Gateway API knows Services and no subsets. Policies of the service and the
 * version hold for those hosts too, by DestinationRules of their own.
 */
export function serveVersions(service: MeshService<string>): void {
  const { name, namespace, podLabels, versions, rules: [rules] } = service;
  if (versions.length === 0 || service.node.tryFindChild(`service-${versions[0]}`) !== undefined) {
    return;
  }
  if (service.isForeign) {
    throw new MeshError({
      construct: service, code: 'inexpressible-feature', problem: 'belongs to another repository, and so would Services for its versions',
      fix: 'stand in for each of those Services with MeshService.fromName, or leave `api` of the gateway out',
    });
  }
  for (const version of versions) {
    claimService(versionServiceName(name, version), namespace, service);
    new MeshObject(service, `service-${version}`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: versionServiceName(name, version), namespace, labels: { app: name, version } },
      spec: {
        selector: { ...podLabels, version },
        ports: rules.props.ports.map(({ name: portName, port }) => ({ name: portName, port: port.number, targetPort: port.targetPort, appProtocol: appProtocol(port) })),
      },
    });
  }
  rules.whenPolicies(() => versions.forEach((version) => writePolicies(service, version)));
}

function writePolicies(service: MeshService<string>, version: string): void {
  const { name, namespace, rules: [rules] } = service;
  const host = versionServiceName(name, version);
  new DestinationRule(service, `destination-rule-${version}`, {
    metadata: { name: host, namespace },
    spec: lateSpec(service, () => defined({ host: serviceHost(host, namespace), trafficPolicy: rules.policyOf(version) })),
  });
}

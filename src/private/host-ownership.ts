import { Construct } from 'constructs';
import { createClusterObject } from './cluster-object';

const NAME = 'mesh-host-ownership';
const API = 'admissionregistration.k8s.io/v1';

/** By this label control planes know that namespaces may route their own hosts only (docs/decisions/007). */
const HOST_OWNERSHIP_LABEL = 'mesh.cdk8s-istio.dev/host-ownership';

/** Rules that hold for sidecars of other namespaces. Delegates have no hosts; rules of gateways are kept apart by the hosts of the Gateway. */
const IS_FOR_OTHERS = [
  'has(object.spec.hosts) && object.spec.hosts.size() > 0',
  '(!has(object.spec.gateways) || object.spec.gateways.size() == 0 || \'mesh\' in object.spec.gateways)',
  '!(has(object.spec.exportTo) && object.spec.exportTo.size() > 0 && (object.spec.exportTo.all(name, name in [\'.\', object.metadata.namespace])'
    + ' || (\'~\' in object.spec.exportTo && !(\'*\' in object.spec.exportTo))))',
].join(' && ');

/** Hosts of services of other namespaces, by any form of their names and under any star. Who declares a host outside, admission cannot see. */
const OWNS_ITS_HOSTS = 'object.spec.hosts.map(host, host.lowerAscii()).all(host, host.endsWith(\'.svc.cluster.local\')'
  + ' ? host.endsWith(\'.\' + object.metadata.namespace + \'.svc.cluster.local\')'
  + ' : host.startsWith(\'*\') ? !(\'.svc.cluster.local\'.endsWith(host.substring(1)))'
  + ' : !host.endsWith(\'.svc\'))';

/** Makes the API server refuse VirtualServices that route other namespaces' hosts for everybody, and tells the bundled control plane to. */
export class HostOwnershipPolicy extends Construct {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    createClusterObject(this, 'policy', {
      apiVersion: API,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: NAME, labels: { [HOST_OWNERSHIP_LABEL]: 'strict' } },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [{ apiGroups: ['networking.istio.io'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['virtualservices'] }],
        },
        matchConditions: [{ name: 'holds-for-others', expression: IS_FOR_OTHERS }],
        validations: [{
          expression: OWNS_ITS_HOSTS,
          message: 'namespaces may only route their own hosts: name services of this namespace, or say exportTo: [\'.\'] so that the rules hold for its own callers only',
        }],
      },
    });
    createClusterObject(this, 'binding', {
      apiVersion: API,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: NAME },
      spec: { policyName: NAME, validationActions: ['Deny'] },
    });
  }
}

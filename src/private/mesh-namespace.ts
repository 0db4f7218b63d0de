import { Construct } from 'constructs';
import { PeerAuthentication } from '../../imports/istio/peer-authentication';
import { Sidecar } from '../../imports/istio/sidecar';
import type { Mtls } from '../mtls';
import type { Outbound } from '../outbound';
import { createClusterObject } from './cluster-object';
import { denyByDefault } from './declared-access';

interface NamespaceProps {
  readonly namespace: string;
  /** Undefined if somebody else makes the namespace. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly mtls?: Mtls;
  readonly outbound?: Outbound;
  /** Whether nobody may call anybody here, unless something says so. */
  readonly closed?: boolean;
}

/** A namespace of the mesh with what holds for all its workloads. */
export class MeshNamespace extends Construct {
  constructor(scope: Construct, props: NamespaceProps) {
    super(scope, `namespace-${props.namespace}`);
    const { namespace, labels, mtls, outbound, closed } = props;
    const metadata = { name: 'default', namespace };
    if (labels !== undefined) {
      createClusterObject(this, 'namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { ...labels } } });
    }
    if (mtls !== undefined) {
      new PeerAuthentication(this, 'peer-authentication', { metadata, spec: { mtls: { mode: mtls } } });
    }
    if (closed) {
      denyByDefault(this, metadata);
    }
    if (outbound !== undefined) {
      new Sidecar(this, 'sidecar', { metadata, spec: { egress: [{ hosts: ['*/*'] }], outboundTrafficPolicy: { mode: outbound } } });
    }
  }
}

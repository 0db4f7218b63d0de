import type { WorkloadGroupSpec } from '../istio';
import type { Resource } from '../model/resource';

export interface MachineWishes {
  /** Host and port of the control plane. */
  readonly controlPlane: string;
  /** The first part of the identities of its mesh: an authority refuses who asks for a name of another one. @default 'cluster.local' */
  readonly trustDomain?: string;
  /** Where the others reach the machine. @default what the machine says when it starts */
  readonly address?: string;
}

const DEFAULT_ACCOUNT = 'default';
/** What every control plane shows that it is, istiod too, unless it stands in another namespace. */
const CONTROL_PLANE = 'istiod.istio-system.svc';

/** The account of the workloads of a group. */
export function accountOf(group: Resource): string {
  return templateOf(group).serviceAccount || DEFAULT_ACCOUNT;
}

/**
 * What the agent on a machine of a group is started with: for machines what injection is for pods. Names and contents are those that
 * `istioctl x workload entry configure` writes (istioctl/pkg/workload/workload.go); values in `$( )` are for the machine's own shell.
 */
export function machineEnvironment(group: Resource, { controlPlane, trustDomain, address }: MachineWishes): Readonly<Record<string, string>> {
  const { name, namespace } = group.metadata;
  const { metadata, probe } = (group.spec ?? {}) as Partial<WorkloadGroupSpec>;
  const template = templateOf(group);
  const config = {
    discoveryAddress: controlPlane,
    proxyMetadata: {
      ISTIO_META_AUTO_REGISTER_GROUP: name,
      ISTIO_META_WORKLOAD_NAME: name,
      ...(template.network && { ISTIO_META_NETWORK: template.network }),
      ISTIO_METAJSON_LABELS: JSON.stringify({ ...template.labels, ...metadata?.labels }),
    },
    ...(probe && { readinessProbe: probe }),
  };
  return {
    POD_NAME: '$(hostname)',
    POD_NAMESPACE: namespace,
    SERVICE_ACCOUNT: accountOf(group),
    ...(trustDomain && { TRUST_DOMAIN: trustDomain }),
    ...(!isClusterName(controlPlane) && { ISTIOD_SAN: CONTROL_PLANE }),
    INSTANCE_IP: address ?? '$(hostname -I | cut -d" " -f1)',
    PROXY_CONFIG: JSON.stringify(config),
  };
}

/** Names of Services are in the certificate of the control plane; by what else a machine reaches it may not be. */
function isClusterName(address: string): boolean {
  return /\.svc(\.[^:]*)?:\d+$/.test(address);
}

function templateOf({ spec }: Resource): Partial<WorkloadGroupSpec['template']> {
  return (spec as Partial<WorkloadGroupSpec> | undefined)?.template ?? {};
}

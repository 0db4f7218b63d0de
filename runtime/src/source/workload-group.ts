import type { WorkloadEntrySpec, WorkloadGroupSpec } from '../istio';
import type { Health, Machine } from '../model/machine';
import type { Resource } from '../model/resource';

/** Says of an entry that a machine has registered itself, and by which group. */
const GROUP_ANNOTATION = 'istio.io/autoRegistrationGroup';
const HEALTH_CHECKED = 'proxy.istio.io/health-checks-enabled';
const LOCALITY_LABEL = 'istio-locality';
const LONGEST_NAME = 253;

/** `database-192.0.2.7`, and `database-192.0.2.7-vm-network` for a machine of a network: Istio's names. */
export function entryName({ group, address, network }: Pick<Machine, 'group' | 'address' | 'network'>): string {
  return [group, address.replaceAll(':', '-'), ...(network ? [network] : [])].join('-').slice(-LONGEST_NAME);
}

/**
 * The WorkloadEntry by which a machine joins, from the template of its group: labels of the machine go before those of the group's metadata,
 * and those before the template's. As workloadEntryFromGroup of istio/istio pilot/pkg/autoregistration/controller.go does it.
 */
export function registeredEntry(group: Resource, machine: Machine, health?: Health): Resource {
  const { template = {}, metadata = {} } = (group.spec ?? {}) as Partial<WorkloadGroupSpec>;
  const { [LOCALITY_LABEL]: locality, ...own } = machine.labels;
  const labels = { ...template.labels, ...metadata.labels, ...own };
  const spec: WorkloadEntrySpec = {
    ...template,
    address: machine.address,
    labels,
    ...(machine.network && { network: machine.network }),
    // Labels cannot hold slashes.
    ...(locality && { locality: locality.includes('/') ? locality : locality.replaceAll('.', '/') }),
  };
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: {
      name: entryName(machine),
      namespace: machine.namespace,
      labels,
      annotations: { [GROUP_ANNOTATION]: group.metadata.name, ...metadata.annotations, ...(machine.probed && { [HEALTH_CHECKED]: 'true' }) },
    },
    spec,
    ...(health && { status: statusOf(health) }),
  };
}

/** An entry that somebody wrote for a machine that reports its health: it counts where the entry asks for it. */
export function withHealth(entry: Resource, health: Health): Resource {
  return entry.metadata.annotations?.[HEALTH_CHECKED] === 'true' ? { ...entry, status: { ...entry.status as object | undefined, ...statusOf(health) } } : entry;
}

function statusOf({ healthy, message }: Health): object {
  return { conditions: [{ type: 'Healthy', status: healthy ? 'True' : 'False', ...(message && { message }) }] };
}

import { isIP } from 'node:net';
import type { Service } from '../kubernetes';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { refOf } from '../model/resource';
import { resourceKey } from '../model/snapshot';
import type { AddressPool } from './addresses';

export interface DefaultedService {
  readonly service: Service;
  readonly problems: readonly Problem[];
}

/** A Service as the API server stores it: with an address, and every port with protocol and target. */
export function defaultService(given: Resource, pool: AddressPool): DefaultedService {
  const { spec = {}, metadata } = given as Service;
  const owner = resourceKey(metadata.namespace, metadata.name);
  const ports = spec.ports?.map((port) => ({ ...port, protocol: port.protocol ?? 'TCP', targetPort: port.targetPort ?? port.port }));
  const shared = { ...spec, type: spec.type ?? 'ClusterIP', ...(ports ? { ports } : {}) };
  if (shared.type === 'ExternalName' || spec.clusterIP === 'None') {
    pool.release(owner);
    return { service: { ...given, spec: shared }, problems: [] };
  }
  const problem = claim(given as Service, owner, pool);
  const clusterIP = spec.clusterIP && !problem ? spec.clusterIP : pool.allocate(owner);
  return { service: { ...given, spec: { ...shared, clusterIP, clusterIPs: [clusterIP] } }, problems: problem ? [problem] : [] };
}

/** The address that the Service asks for, if it does and may have it. */
function claim(service: Service, owner: string, pool: AddressPool): Problem | undefined {
  const wanted = service.spec?.clusterIP;
  if (!wanted) return undefined;
  const problem = (message: string): Problem => ({ resource: refOf(service), path: 'spec.clusterIP', message });
  if (isIP(wanted) === 0) return problem(`expected an address or None, got "${wanted}": another address is used`);
  const holder = pool.claim(owner, wanted);
  return holder ? problem(`${wanted} is the address of Service ${holder} already: another address is used`) : undefined;
}

/** The address that the Service asks for. */
export function wantedAddress(service: Resource): string | undefined {
  return (service as Service).spec?.clusterIP;
}

/** Whether the Service's endpoints are the pods that its selector finds. */
export function selectsPods({ spec }: Service): boolean {
  return spec?.type !== 'ExternalName' && Object.keys(spec?.selector ?? {}).length > 0;
}

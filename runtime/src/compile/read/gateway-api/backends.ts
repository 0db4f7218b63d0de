import type { VirtualServiceDestination } from '../../../../../imports/istio/virtual-service.types';
import { GATEWAY_API } from '../../../gateway-api';
import { NO_SERVICE } from '../../../model/cluster';
import { serviceHost } from '../../../model/host';
import type { Fault, ObjectReference } from './references';
import type { RouteIdentity } from './parents';
import type { World } from './world';

const NETWORKING = 'networking.istio.io';

export interface BackendRef extends ObjectReference {
  readonly port?: number;
  readonly weight?: number;
}

/** Where a backend is, or why it is none. */
export interface Backend {
  readonly destination: VirtualServiceDestination;
  readonly fault?: Fault;
  /** So wrong that Istio leaves the whole route out, not only the backend. */
  readonly hard?: boolean;
}

const NOWHERE: VirtualServiceDestination = { host: NO_SERVICE };

/** @param mesh for a route of a Service, which may send requests wherever its clients could send them themselves */
export function readBackend(ref: BackendRef, route: RouteIdentity, { world, mesh }: { readonly world: World; readonly mesh: boolean }): Backend {
  const { namespace = route.namespace, name, group = '', kind = 'Service' } = ref;
  const fault = (reason: string, message: string): Fault => ({ reason, message, path: '' });
  const hard = (message: string): Backend => ({ destination: NOWHERE, fault: fault('InvalidDestination', message), hard: true });
  const key = `${namespace}/${name}`;
  if (!mesh && namespace !== route.namespace && !world.granted(`${GATEWAY_API}/${route.kind}`, route.namespace, `${group}/${kind}`, key)) {
    const message = `backendRef ${name}/${namespace} not accessible to a ${route.kind} in namespace "${route.namespace}" (missing a ReferenceGrant?)`;
    return { destination: NOWHERE, fault: fault('RefNotPermitted', message) };
  }
  const isService = group === '' && kind === 'Service';
  if (!isService && !(group === NETWORKING && kind === 'Hostname')) {
    return { destination: NOWHERE, fault: fault('InvalidKind', `referencing unsupported backendRef: group "${group}" kind "${kind}"`) };
  }
  if (isService && name.includes('.')) {
    return hard('service name invalid; the name of the Service must be used, not the hostname.');
  }
  if (!isService && ref.namespace !== undefined) {
    return hard('namespace may not be set with Hostname type');
  }
  if (ref.port === undefined) {
    return hard('port is required in backendRef');
  }
  const host = isService ? serviceHost(name, namespace) : name;
  const destination = { host, port: { number: ref.port } };
  return world.service(host) ? { destination } : { destination, fault: fault('BackendNotFound', `backend(${host}) not found`) };
}

export interface WeightedBackend<R extends BackendRef> {
  readonly ref: R;
  readonly index: number;
  readonly weight: number;
}

/** Those that get something; one alone gets everything. */
export function weighted<R extends BackendRef>(refs: readonly R[] | undefined): WeightedBackend<R>[] {
  return (refs ?? []).map((ref, index) => ({ ref, index, weight: ref.weight ?? 1 })).filter((one) => one.weight > 0);
}

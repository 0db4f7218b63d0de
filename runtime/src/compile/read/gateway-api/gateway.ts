import type { GatewaySpec, ListenerSetSpec } from '../../../gateway-api';
import { allowedSets, controllerOf, deployedName, isManaged, nameFault } from '../../../gateway-api';
import { serviceHost } from '../../../model/host';
import { Place } from '../../../model/place';
import type { Problem } from '../../../model/problem';
import type { Resource } from '../../../model/resource';
import { refOf } from '../../../model/resource';
import type { Condition } from '../../../model/status';
import { fails, holds } from '../../../model/status';
import { certificateName } from './certificates';
import type { ListenerPlace } from './listener';
import { isUnfinished, readListener, standingListeners } from './listener';
import type { Listener, ListenerOwner, World } from './world';

export interface GatewayReading extends ListenerOwner {
  readonly resource: Resource;
  /** Full host names of the Services in front of its pods. */
  readonly services: readonly string[];
  readonly conditions: readonly Condition[];
  readonly problems: readonly Problem[];
}

export function readKubernetesGateway(resource: Resource, world: World): GatewayReading {
  const problems: Problem[] = [];
  const spec = resource.spec as GatewaySpec;
  const root = Place.of(refOf(resource), problems);
  const at = root.at('spec');
  const controller = controllerOf(spec.gatewayClassName, world.gatewayClass(spec.gatewayClassName));
  const reading = { resource, ours: controller !== undefined && controller !== 'other', services: [], listeners: [], conditions: [], problems };
  switch (controller) {
    case 'managed':
      return { ...reading, ...readManaged(resource, world, root) };
    case 'remote':
      return { ...reading, conditions: [ACCEPTED, holds('Programmed', 'Programmed', 'This Gateway is remote; Istio will not program it')] };
    case 'waypoint': {
      const message = 'waypoints belong to ambient mode, which this runtime does not have: sidecars route requests, remove the Gateway';
      at.at('gatewayClassName').problem(message, 'warning');
      return { ...reading, conditions: [ACCEPTED, fails('Programmed', 'Invalid', message)] };
    }
    case undefined:
      at.at('gatewayClassName').problem(`there is no GatewayClass '${spec.gatewayClassName}': use istio, or add the GatewayClass`);
      return reading;
    default:
      return reading;
  }
}

const ACCEPTED = holds('Accepted', 'Accepted', 'Resource accepted');

type Managed = Pick<GatewayReading, 'services' | 'listeners' | 'conditions'>;

function readManaged(resource: Resource, world: World, root: Place): Managed {
  const at = root.at('spec');
  const nameless = isManaged(resource) ? nameFault(resource) : undefined;
  if (nameless !== undefined) {
    root.at('metadata').at('name').problem(`${nameless}: nothing is deployed for the Gateway`);
  }
  const spec = resource.spec as GatewaySpec;
  const { services, skipped } = servicesOf(resource, spec);
  const listeners = services.length === 0 ? [] : readListeners(spec.listeners, { owner: resource, gateway: resource, services, world }, at);
  const addressed = skipped.length === 0;
  if (!addressed) {
    at.at('addresses').problem(`has addresses of another type than Hostname (${skipped.join(', ')}): only names of Services can be used`);
  }
  return {
    services,
    listeners,
    conditions: [
      addressed ? acceptance(resource, listeners, world) : fails('Accepted', 'UnsupportedAddress', `only Hostname is supported, ignoring [${skipped.join(' ')}]`),
      programmed(services, [...standingPorts(listeners), ...addedPorts(resource, world)], world, nameless === undefined ? at : undefined),
      resolvedRefs(resource, world),
      ...isInsecure(spec) ? [INSECURE] : [],
    ],
  };
}

/** "A Gateway stays accepted as long as at least one of its listeners is valid." */
function acceptance({ spec, metadata: { namespace } }: Resource, listeners: readonly Listener[], world: World): Condition {
  const ref = (spec as GatewaySpec).infrastructure?.parametersRef;
  if (ref && (ref.group !== '' || ref.kind !== 'ConfigMap')) {
    return fails('Accepted', 'InvalidParameters', `Unsupported parametersRef group/kind ${ref.group}/${ref.kind}, only ConfigMap is supported`);
  }
  if (ref && !world.configMap(`${namespace}/${ref.name}`)) {
    return fails('Accepted', 'InvalidParameters', `parametersRef ConfigMap ${namespace}/${ref.name} does not exist`);
  }
  const valid = listeners.filter((one) => one.valid).length;
  if (valid === listeners.length) {
    return ACCEPTED;
  }
  return valid === 0 ? fails('Accepted', 'ListenersNotValid', "None of the Gateway's listeners are valid")
    : holds('Accepted', 'ListenersNotValid', "One or more of the Gateway's listeners are invalid");
}

function resolvedRefs({ spec, metadata: { namespace, name } }: Resource, world: World): Condition {
  const ref = (spec as GatewaySpec).tls?.backend?.clientCertificateRef;
  const found = ref && certificateName(ref, { kind: 'Gateway', namespace, name }, world);
  return typeof found === 'object'
    ? fails('ResolvedRefs', found.reason === 'RefNotPermitted' ? found.reason : 'InvalidClientCertificateRef', found.message)
    : holds('ResolvedRefs', 'ResolvedRefs', 'All references resolved');
}

const INSECURE = holds('InsecureFrontendValidationMode', 'ConfigurationChanged', 'Gateway is operating in AllowInsecureFallback mode for frontend validation');

function isInsecure({ tls }: GatewaySpec): boolean {
  const { frontend } = tls ?? {};
  return frontend !== undefined
    && [frontend.default.validation, ...(frontend.perPort ?? []).map((one) => one.tls.validation)].some((one) => one?.mode === 'AllowInsecureFallback');
}

/** All listeners of an object; of two that conflict the first one stays. */
export function readListeners(
  specs: GatewaySpec['listeners'],
  context: { readonly owner: Resource; readonly gateway: Resource; readonly services: readonly string[]; readonly world: World; readonly earlier?: readonly ListenerPlace[] },
  at: Place,
): Listener[] {
  return specs.map((one, i) => readListener(one, { ...context, earlier: [...context.earlier ?? [], ...specs.slice(0, i)] }, at.at('listeners').at(i)));
}

/** Without addresses the Gateway is deployed under its own name; an address that is a name is that of a Service which exists. */
function servicesOf(gateway: Resource, spec: GatewaySpec): { services: string[]; skipped: string[] } {
  const { namespace } = gateway.metadata;
  if (isManaged(gateway)) {
    return { services: [serviceHost(deployedName(gateway), namespace)], skipped: [] };
  }
  const isName = ({ type }: { readonly type?: string }): boolean => type === 'Hostname';
  const addresses = spec.addresses ?? [];
  return {
    services: addresses.filter(isName).map(({ value = '' }) => (value.includes('.') ? value : serviceHost(value, namespace))),
    skipped: addresses.filter((one) => !isName(one)).map(({ value = '' }) => value),
  };
}

/** Ports that ListenerSets add. */
function addedPorts(gateway: Resource, world: World): number[] {
  const { namespace, name } = gateway.metadata;
  const sets = world.listenerSetsOf(`${namespace}/${name}`);
  if (sets.length === 0) {
    return [];
  }
  const allowed = allowedSets(gateway, () => world.namespaces());
  const own = (gateway.spec as GatewaySpec).listeners;
  const added = sets.filter(({ metadata }) => allowed?.has(metadata.namespace) ?? true).flatMap(({ spec }) => (spec as ListenerSetSpec).listeners);
  return standingListeners([...own, ...added]).slice(standingListeners(own).length).filter((one) => !isUnfinished(one)).map((one) => one.port);
}

export function standingPorts(listeners: readonly Listener[]): number[] {
  return listeners.filter((one) => one.standing).map((one) => one.port);
}

/** Whether there are pods that listen. As Istio words it. */
export function programmed(services: readonly string[], listening: readonly number[], world: World, at?: Place): Condition {
  const ports = [...new Set(listening)].sort((a, b) => a - b);
  const found: string[] = [];
  const missing: string[] = [];
  let unusable = false;
  for (const host of services) {
    const service = world.service(host);
    if (!service) {
      missing.push(`hostname "${host}" not found`);
      unusable = true;
      continue;
    }
    const [served, unserved] = [ports.filter((port) => hasPort(port)), ports.filter((port) => !hasPort(port))];
    function hasPort(port: number): boolean {
      return service?.ports.some((one) => one.number === port) ?? false;
    }
    unusable ||= unserved.length > 0;
    found.push(...served.map((port) => `${host}:${port}`));
    missing.push(...unserved.map((port) => `port ${port} not found for hostname "${host}"`));
    if (served.length > 0 && !world.hasEndpoints(host)) {
      missing.push(`no instances found for hostname "${host}"`);
    }
  }
  if (missing.length > 0 || services.length === 0) {
    const reason = services.length === 0 ? 'UnsupportedAddress' : unusable ? 'AddressNotUsable' : 'AddressNotAssigned';
    const why = missing.join('; ') || 'there is no address of type Hostname';
    at?.at('addresses').problem(`${why}: nobody listens there; name a Service of this namespace that selects gateway pods`, 'warning');
    return fails('Programmed', reason, found.length > 0
      ? `Assigned to service(s) ${joined(found)}, but failed to assign to all requested addresses: ${why}`
      : `Failed to assign to any requested addresses: ${why}`);
  }
  return holds('Programmed', 'Programmed', found.length > 0 ? `Resource programmed, assigned to service(s) ${joined(found)}` : 'Resource programmed');
}

function joined(words: readonly string[]): string {
  return words.length < 3 ? words.join(' and ') : `${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`;
}

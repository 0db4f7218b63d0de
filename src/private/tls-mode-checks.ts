import type { ApiObject } from 'cdk8s';
import type { DestinationRuleSpec, DestinationRuleSpecTrafficPolicy } from '../../imports/istio/destination-rule.types';
import type { IMeshService } from '../mesh-member';
import type { AppRegistry } from './app-registry';
import { isGateway } from './caller-accounts';
import { callersOf } from './declared-calls';
import { isPlain } from './merge';
import { serviceHost } from './names';
import type { EffectiveMode, PeerModes } from './peer-modes';
import { namespaceOf, type Print } from './printed-object';

type ClientMode = 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';

/**
 * Whether the TLS of each call fits what the server takes. Proxies that are not told otherwise find out by themselves; a DestinationRule that
 * tells them, and a caller without a proxy, do not.
 */
export function tlsModeErrors(objects: readonly ApiObject[], print: Print, { registry, modes }: {
  readonly registry: AppRegistry; readonly modes: PeerModes;
}): Map<ApiObject, string[]> {
  const services = new Map([...registry.services].map((service) => [service.host, service]));
  const found = new Map<ApiObject, string[]>();
  for (const object of objects.filter(({ kind, apiVersion }) => kind === 'DestinationRule' && apiVersion.startsWith('networking.istio.io/'))) {
    const { host = '', ...spec } = (print(object).spec ?? {}) as Partial<DestinationRuleSpec>;
    const service = services.get(String(host).includes('.') ? host : serviceHost(host, namespaceOf(object)));
    const errors = service === undefined ? [] : ruleErrors(object, service, { spec, modes });
    if (errors.length > 0) {
      found.set(object, [...new Set(errors)]);
    }
  }
  plainCallerErrors(registry, modes).forEach(([object, error]) => found.set(object, [...found.get(object) ?? [], error]));
  return found;
}

function ruleErrors(object: ApiObject, service: IMeshService, { spec, modes }: { readonly spec: Partial<DestinationRuleSpec>; readonly modes: PeerModes }): string[] {
  const subsets: NonNullable<typeof spec.subsets> = Array.isArray(spec.subsets) ? spec.subsets.filter(isPlain) as NonNullable<typeof spec.subsets> : [];
  const scopes = [{ of: '', policy: spec.trafficPolicy }, ...subsets.map(({ name, trafficPolicy }) => ({ of: ` (version ${name})`, policy: trafficPolicy }))];
  return scopes.flatMap(({ of, policy }) => service.ports.flatMap((port) => {
    const client = modeAt(policy, port.number);
    const server = modes.of(service, port.targetPort);
    const why = client === undefined ? undefined : contradiction(client, server);
    return why === undefined ? [] : [`DestinationRule ${object.name}: calls${callersText(service, object)} to ${service.name}${of} at port ${port.number} use ${client}, ${why}`];
  }));
}

/** A port with settings of its own takes nothing from the others, in Istio. */
function modeAt(policy: DestinationRuleSpecTrafficPolicy | undefined, port: number): ClientMode | undefined {
  const settings = policy?.portLevelSettings;
  const own = Array.isArray(settings) ? (settings as NonNullable<typeof settings>).find((one) => one?.port?.number === port) : undefined;
  return own === undefined ? policy?.tls?.mode : own.tls?.mode;
}

function contradiction(client: ClientMode, { mode, by }: EffectiveMode): string | undefined {
  const said = by === undefined ? 'Istio\'s default' : `PeerAuthentication ${by.name} (${by.node.path})`;
  if (mode === 'STRICT' && client !== 'ISTIO_MUTUAL') {
    return `but ${said} takes mutual TLS of the mesh only: the connection would be reset. Take \`tls\` away, so that proxies find out, or open the port with MutualTls`;
  }
  if (mode === 'DISABLE' && client === 'ISTIO_MUTUAL') {
    return `but ${said} takes none: the handshake would fail. Take \`tls\` away, so that proxies find out, or change the mode there`;
  }
  return undefined;
}

function callersText(service: IMeshService, object: ApiObject): string {
  const namespace = namespaceOf(object);
  const callers = callersOf(service).map((caller) => ('service' in caller ? caller.service : caller))
    .filter((caller) => service.namespace === namespace || caller.namespace === namespace).map(({ name }) => name);
  return callers.length === 0 ? '' : ` of ${[...new Set(callers)].join(', ')}`;
}

/** Declared calls of pods without a proxy, which can only speak plainly. */
function plainCallerErrors(registry: AppRegistry, modes: PeerModes): [ApiObject, string][] {
  return registry.calls.flatMap(({ caller, callee }): [ApiObject, string][] => {
    const server = [...registry.services].find((service) => service === callee);
    const client = isGateway(caller) ? undefined : 'service' in caller ? caller.service : caller;
    if (server === undefined || client?.hasProxy !== false) {
      return [];
    }
    const refusals = server.ports.map((port) => ({ port, peer: modes.of(server, port.targetPort) }));
    const { by } = refusals[0].peer;
    return by === undefined || refusals.some(({ peer }) => peer.mode !== 'STRICT') ? [] : [[by,
      `PeerAuthentication ${by.name}: ${client.name} declares to call ${server.name} and has no proxy, but every port of ${server.name} takes mutual TLS only; open one with MutualTls`]];
  });
}

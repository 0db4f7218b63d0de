import type { VirtualServiceSpec } from '../istio';
import { resolveHost } from '../model/host';
import type { Resource } from '../model/resource';

/** A place in a VirtualService that names a host, and maybe a subset of it. */
export interface NamedDestination {
  /** In full. */
  readonly host: string;
  readonly subset?: string;
  readonly port?: number;
  /** Path of the destination inside the object. */
  readonly path: string;
}

interface Destination {
  readonly host?: string;
  readonly subset?: string;
  readonly port?: { readonly number?: number };
}

interface Target {
  readonly destination?: Destination;
}

const known = new WeakMap<Resource, readonly NamedDestination[]>();

/** Every destination that a VirtualService names: of routes and of mirrors. */
export function destinationsOf(virtualService: Resource): readonly NamedDestination[] {
  let destinations = known.get(virtualService);
  if (!destinations) known.set(virtualService, destinations = [...read(virtualService)]);
  return destinations;
}

function* read(virtualService: Resource): Generator<NamedDestination> {
  const { http = [], tcp = [], tls = [] } = virtualService.spec as VirtualServiceSpec;
  const { namespace } = virtualService.metadata;
  for (const [index, route] of http.entries()) {
    const path = `spec.http[${index}]`;
    yield* targets(route.route, `${path}.route`, namespace);
    yield* targets(route.mirrors, `${path}.mirrors`, namespace);
    if (route.mirror) yield* named(route.mirror, `${path}.mirror`, namespace);
  }
  for (const [index, route] of tcp.entries()) yield* targets(route.route, `spec.tcp[${index}].route`, namespace);
  for (const [index, route] of tls.entries()) yield* targets(route.route, `spec.tls[${index}].route`, namespace);
}

function* targets(list: readonly Target[] | undefined, path: string, namespace: string): Generator<NamedDestination> {
  for (const [index, { destination }] of (list ?? []).entries()) {
    if (destination) yield* named(destination, `${path}[${index}].destination`, namespace);
  }
}

function* named({ host, subset, port }: Destination, path: string, namespace: string): Generator<NamedDestination> {
  if (host) yield { host: resolveHost(host, namespace), path, ...(subset ? { subset } : {}), ...(port?.number ? { port: port.number } : {}) };
}

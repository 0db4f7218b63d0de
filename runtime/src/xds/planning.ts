import { TYPE_URLS, type EncodedResource, type TypeUrl } from '../model/configuration';
import type { Batch, Difference } from './subscription';

/** What planning needs to know of one type of one client. */
export interface TypeView extends Difference {
  /** A response is unanswered so briefly that what changes now had better be collected for the next one. */
  readonly busy: boolean;
  /** A response is unanswered, and what depends on it should wait for the answer; bounded, so that no client can stall itself. */
  readonly waiting: boolean;
  readonly mustAnswer: boolean;
  /** Versions that live on in the client because it rejected their successors; undefined where their content is not known. */
  readonly survivors: readonly (EncodedResource | undefined)[];
}

/** One client: its types, and how they hang together. */
export interface ClientView {
  readonly types: ReadonlyMap<TypeUrl, TypeView>;
  /** The endpoints that Envoy needs again when a cluster's definition is sent, if the client is subscribed to them. */
  endpointsOf(cluster: EncodedResource): EncodedResource | undefined;
}

export interface Step extends Batch {
  readonly typeUrl: TypeUrl;
}

const ORDERED: readonly TypeUrl[] = [TYPE_URLS.cluster, TYPE_URLS.endpoint, TYPE_URLS.listener, TYPE_URLS.route];
const HELD: readonly TypeUrl[] = [TYPE_URLS.cluster, TYPE_URLS.endpoint];
const NONE: TypeView = { added: [], absent: [], removed: [], suspects: [], busy: false, waiting: false, mustAnswer: false, survivors: [] };

/**
 * The responses that may go out now, in order. Called again after every answer, request and edit, it leads from any state to the wanted
 * one, making before breaking: clusters with their endpoints; when the client has acknowledged them, which Envoy does when they are
 * warm, the listeners and routes that may name them; when those are acknowledged, removals, dependents first.
 */
export function planSteps(client: ClientView): Step[] {
  const view = (typeUrl: TypeUrl) => client.types.get(typeUrl) ?? NONE;
  const others = [...client.types.keys()].filter((typeUrl) => !ORDERED.includes(typeUrl));
  // Secrets and other types that clusters and listeners wait for while they warm: never held back.
  const steps = others.flatMap((typeUrl) => additions(typeUrl, view(typeUrl)));
  const clusters = additions(TYPE_URLS.cluster, view(TYPE_URLS.cluster));
  steps.push(...clusters, ...endpoints(client, clusters));
  const names = [TYPE_URLS.listener, TYPE_URLS.route];
  if (clusters.length === 0 && !view(TYPE_URLS.cluster).waiting) steps.push(...names.flatMap((typeUrl) => additions(typeUrl, view(typeUrl))));
  else steps.push(...names.flatMap((typeUrl) => absences(typeUrl, view(typeUrl))));
  return [...steps, ...removals(client, steps, others)];
}

function additions(typeUrl: TypeUrl, view: TypeView): Step[] {
  if (view.busy) return [];
  const resources = view.added.length > 0 ? view.added : (view.suspects[0] ?? []);
  const something = resources.length > 0 || view.absent.length > 0 || view.mustAnswer;
  return something ? [{ typeUrl, resources, removed: view.absent }] : [];
}

/** The client waits for these names; that they do not exist depends on nothing. */
function absences(typeUrl: TypeUrl, view: TypeView): Step[] {
  return view.absent.length > 0 ? [{ typeUrl, resources: [], removed: view.absent }] : [];
}

/**
 * Endpoints that changed, and those of clusters whose definition is sent now: Envoy builds such a cluster anew, empty, and finishes
 * warming it when it has its endpoints again (or gives up after `initial_fetch_timeout`), but does not ask for them.
 */
function endpoints(client: ClientView, clusters: readonly Step[]): Step[] {
  const typeUrl = TYPE_URLS.endpoint;
  const changed = additions(typeUrl, client.types.get(typeUrl) ?? NONE);
  const included = new Set(changed.flatMap((step) => step.resources.map((resource) => resource.name)));
  const again = new Map<string, EncodedResource>();
  for (const cluster of clusters.flatMap((step) => step.resources)) {
    const resource = client.endpointsOf(cluster);
    if (resource && !included.has(resource.name)) again.set(resource.name, resource);
  }
  if (again.size === 0) return changed;
  const [step] = changed;
  return [{ typeUrl, resources: [...(step?.resources ?? []), ...again.values()], removed: step?.removed ?? [] }];
}

function removals(client: ClientView, planned: readonly Step[], others: readonly TypeUrl[]): Step[] {
  const view = (typeUrl: TypeUrl) => client.types.get(typeUrl) ?? NONE;
  const makers: TypeUrl[] = [TYPE_URLS.cluster, TYPE_URLS.listener, TYPE_URLS.route];
  const making = planned.some((step) => makers.includes(step.typeUrl) && step.resources.length > 0)
    || makers.some((typeUrl) => view(typeUrl).waiting || view(typeUrl).added.length > 0 || view(typeUrl).suspects.length > 0);
  if (making) return [];
  // Most routes and endpoints need no removal: the client unsubscribes from them when what named them is gone.
  const order = [TYPE_URLS.listener, TYPE_URLS.route, TYPE_URLS.cluster, TYPE_URLS.endpoint, ...others];
  return order.flatMap((typeUrl) => {
    const removed = view(typeUrl).removed.filter((name) => !HELD.includes(typeUrl) || !isHeld(client, name));
    return removed.length > 0 ? [{ typeUrl, resources: [], removed }] : [];
  });
}

/**
 * Whether a cluster (and its endpoints of the same name) may still be named by a listener or route that outlives its rejected successor. Looked up as bytes: names stand
 * in the encoding as they are, and a false hit only keeps a cluster longer.
 */
function isHeld(client: ClientView, cluster: string): boolean {
  const survivors = [TYPE_URLS.listener, TYPE_URLS.route].flatMap((typeUrl) => client.types.get(typeUrl)?.survivors ?? []);
  return survivors.some((survivor) => survivor === undefined || bufferOf(survivor).includes(cluster));
}

function bufferOf({ bytes }: EncodedResource): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

import type { DeltaDiscoveryRequest } from '../envoy';
import { TYPE_URLS, type Configuration, type EncodedResource, type TypeUrl } from '../model/configuration';
import { shortType, type XdsMetrics } from './metrics';
import { planSteps, type ClientView, type TypeView } from './planning';
import { endpointName } from './references';
import { LIMITS, type XdsNode } from './request';
import { PREFIX_BYTES } from './response';
import type { Responses } from './responses';
import { connectionStatus, type ConnectionStatus } from './status';
import { Subscription, type Batch } from './subscription';

/** The way back to the client. */
export interface Outlet {
  /** Takes a message with its prefix. False when the client reads too slowly: nothing more is written until `drained` is called. */
  write(frame: Buffer): boolean;
  /** Ends the stream. */
  fail(message: string): void;
}

/** Milliseconds. */
export interface Timing {
  /** How long changes of one type are collected while its last response is unanswered. */
  readonly coalesce: number;
  /** How long listeners and routes wait for clusters to warm, and removals for the routes before them. */
  readonly patience: number;
  /** How long a client may leave its stream unread. */
  readonly writeTimeout: number;
}

export const TIMING: Timing = { coalesce: 500, patience: 5_000, writeTimeout: 30_000 };

export interface ConnectionEvents {
  ack(typeUrl: TypeUrl): void;
  nack(rejection: { typeUrl: TypeUrl; names: readonly string[]; message: string }): void;
  /** The client has acknowledged all that it asked for and is to have. */
  synced(): void;
  /** It is to have Secrets, and is not given them. */
  withheld(): void;
}

/** What Envoy acknowledges before it is in force. */
const WARMING: readonly TypeUrl[] = [TYPE_URLS.cluster, TYPE_URLS.listener];
const NO_STEPS: ReturnType<typeof planSteps> = [];

interface Options {
  readonly id: string;
  readonly node: XdsNode;
  readonly outlet: Outlet;
  readonly events: ConnectionEvents;
  readonly metrics: XdsMetrics;
  /** Those of all streams. */
  readonly responses: Responses;
  readonly timing: Timing;
  /** Whether it is given Secrets. */
  readonly secrets: boolean;
}

/** One client's ADS stream: takes its requests, keeps what it has of each type, sends what is next. */
export class Connection {
  readonly id: string;
  readonly node: XdsNode;
  readonly trusted: boolean;
  readonly connectedAt = Date.now();
  /** How many responses with clusters or listeners it has acknowledged. */
  taken = 0;
  private readonly subscriptions = new Map<TypeUrl, Subscription>();
  private configuration: Configuration | undefined;
  /** When the change came that the client does not have yet. */
  private changedAt: number | undefined;
  /** Of the last response. */
  private nonce = 0;
  private flushing: NodeJS.Immediate | undefined;
  private wakeUp: NodeJS.Timeout | undefined;
  private blockedSince: number | undefined;
  private blockedTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: Options) {
    this.id = options.id;
    this.node = options.node;
    this.trusted = options.secrets;
  }

  setConfiguration(given: Configuration): void {
    const configuration = this.options.secrets ? given : withoutSecrets(given);
    if (configuration === this.configuration) return;
    if (configuration !== given) this.options.events.withheld();
    this.configuration = configuration;
    this.changedAt ??= Date.now();
    for (const [typeUrl, subscription] of this.subscriptions) subscription.want(configuration.get(typeUrl));
    this.schedule();
  }

  receive(request: DeltaDiscoveryRequest): void {
    const typeUrl = request.typeUrl!;
    const subscription = this.subscriptionTo(typeUrl);
    if (!subscription) {
      this.options.outlet.fail(`one stream may ask for ${LIMITS.types} types of resources`);
      return;
    }
    if (request.responseNonce) this.answer(typeUrl, subscription, request);
    const interest = {
      subscribe: request.resourceNamesSubscribe ?? [],
      unsubscribe: request.resourceNamesUnsubscribe ?? [],
      versions: request.initialResourceVersions ?? {},
    };
    const asks = !request.responseNonce || interest.subscribe.length + interest.unsubscribe.length > 0;
    if (asks) subscription.apply(interest, typeUrl === TYPE_URLS.endpoint ? this.endpointsInFlight() : new Set());
    this.schedule();
  }

  /** The client reads again. */
  drained(): void {
    if (this.blockedSince === undefined) return;
    this.options.metrics.sendTime.observe((Date.now() - this.blockedSince) / 1000);
    this.blockedSince = undefined;
    clearTimeout(this.blockedTimer);
    this.schedule();
  }

  close(): void {
    clearImmediate(this.flushing);
    clearTimeout(this.wakeUp);
    clearTimeout(this.blockedTimer);
  }

  isSynced(): boolean {
    return this.configuration !== undefined && this.changedAt === undefined && this.flushing === undefined;
  }

  /** What it lacks to be synced; undefined: nothing. */
  lacks(): string | undefined {
    if (this.configuration === undefined) return 'it was given nothing yet';
    if (this.isSynced()) return undefined;
    const types = [...this.subscriptions].filter(([, subscription]) => !subscription.isSettled())
      .map(([typeUrl, subscription]) => `${shortType(typeUrl)} (${subscription.unanswered()} unanswered)`);
    return types.length > 0 ? types.join(', ') : 'it has not asked for listeners yet';
  }

  status(): ConnectionStatus {
    return connectionStatus(this, this.subscriptions);
  }

  private subscriptionTo(typeUrl: TypeUrl): Subscription | undefined {
    let subscription = this.subscriptions.get(typeUrl);
    if (!subscription && this.subscriptions.size < LIMITS.types) {
      subscription = new Subscription(this.configuration?.get(typeUrl));
      this.subscriptions.set(typeUrl, subscription);
    }
    return subscription;
  }

  private answer(typeUrl: TypeUrl, subscription: Subscription, request: DeltaDiscoveryRequest): void {
    const { events, metrics } = this.options;
    const type = shortType(typeUrl);
    if (!request.errorDetail) {
      if (WARMING.includes(typeUrl)) this.taken += 1;
      if (subscription.ack(request.responseNonce!)) events.ack(typeUrl);
      else metrics.expiredNonces.inc({ type });
      return;
    }
    metrics.rejects.inc({ type });
    const message = request.errorDetail.message ?? '';
    const names = subscription.nack(request.responseNonce!, message, Date.now());
    if (names === undefined) metrics.expiredNonces.inc({ type });
    else if (names.length > 0) events.nack({ typeUrl, names, message });
  }

  /** Endpoints of clusters that were sent and not acknowledged: Envoy needs them again, whatever it has from an earlier stream. */
  private endpointsInFlight(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const cluster of this.subscriptions.get(TYPE_URLS.cluster)?.inFlight() ?? []) {
      const name = endpointName(cluster);
      if (name !== undefined) names.add(name);
    }
    return names;
  }

  /** At once when idle, but after the events of this turn, so that several changes become one push. */
  private schedule(): void {
    this.flushing ??= setImmediate(() => {
      this.flushing = undefined;
      this.flush();
    });
  }

  private flush(): void {
    if (this.configuration === undefined || this.blockedSince !== undefined) return;
    const now = Date.now();
    const steps = this.hasWork() ? planSteps(this.view(now)) : NO_STEPS;
    for (const step of steps) {
      this.send(step.typeUrl, step, now);
      // The rest is planned anew when the client reads again: by then it may have changed.
      if (this.blockedSince !== undefined) return;
    }
    if (steps.length === 0 && !this.isAwaiting()) this.settle();
    this.sleep(now);
  }

  /** Most often there is nothing to plan: after the answer to the only response, for one. */
  private hasWork(): boolean {
    for (const subscription of this.subscriptions.values()) if (subscription.hasWork()) return true;
    return false;
  }

  /** Whether some response is unanswered. */
  private isAwaiting(): boolean {
    for (const subscription of this.subscriptions.values()) if (subscription.unanswered() > 0) return true;
    return false;
  }

  private send(typeUrl: TypeUrl, batch: Batch, now: number): void {
    const { metrics, outlet, responses, timing } = this.options;
    const { nonce, frame } = responses.of(typeUrl, batch, this.nonce);
    this.nonce = nonce;
    this.changedAt ??= now;
    this.subscriptions.get(typeUrl)!.sent(String(nonce), batch, now);
    metrics.pushes.inc({ type: shortType(typeUrl) });
    metrics.sizes.observe({ type: shortType(typeUrl) }, frame.length - PREFIX_BYTES);
    if (outlet.write(frame)) return;
    this.blockedSince = now;
    this.blockedTimer = setTimeout(() => {
      metrics.writeTimeouts.inc();
      outlet.fail(`the stream was not read for ${timing.writeTimeout} ms`);
    }, timing.writeTimeout).unref();
  }

  private settle(): void {
    // An Envoy that starts asks for listeners only when its clusters are warm.
    const awaited = !this.subscriptions.has(TYPE_URLS.listener) && (this.configuration?.get(TYPE_URLS.listener)?.size ?? 0) > 0;
    if (this.changedAt === undefined || awaited) return;
    this.options.metrics.convergence.observe((Date.now() - this.changedAt) / 1000);
    this.changedAt = undefined;
    this.options.events.synced();
  }

  /** Plans again when an answer is overdue. */
  private sleep(now: number): void {
    const { coalesce, patience } = this.options.timing;
    clearTimeout(this.wakeUp);
    let next = Infinity;
    for (const subscription of this.subscriptions.values()) {
      const sent = subscription.lastSent() ?? -Infinity;
      for (const due of [sent + coalesce, sent + patience]) if (due > now && due < next) next = due;
    }
    if (Number.isFinite(next)) this.wakeUp = setTimeout(() => this.schedule(), next - now + 1).unref();
  }

  private view(now: number): ClientView {
    const types = new Map<TypeUrl, TypeView>();
    for (const [typeUrl, subscription] of this.subscriptions) types.set(typeUrl, this.typeView(subscription, now));
    const endpoints = this.subscriptions.get(TYPE_URLS.endpoint);
    return {
      types,
      endpointsOf(cluster: EncodedResource) {
        const name = endpointName(cluster);
        return name === undefined ? undefined : endpoints?.wantedOf(name);
      },
    };
  }

  private typeView(subscription: Subscription, now: number): TypeView {
    const { coalesce, patience } = this.options.timing;
    const { added, absent, removed, suspects } = subscription.difference();
    return {
      added,
      absent,
      removed,
      suspects,
      busy: subscription.isWaiting(now - coalesce) || subscription.unanswered() >= LIMITS.unanswered,
      waiting: subscription.isWaiting(now - patience),
      mustAnswer: subscription.mustAnswer(),
      survivors: subscription.survivors(),
    };
  }
}

const withheld = new WeakMap<Configuration, Configuration>();

/** The same object for the same configuration, and the configuration itself where there is nothing to leave out. */
function withoutSecrets(configuration: Configuration): Configuration {
  if ((configuration.get(TYPE_URLS.secret)?.size ?? 0) === 0) return configuration;
  let rest = withheld.get(configuration);
  if (!rest) withheld.set(configuration, rest = new Map([...configuration].filter(([typeUrl]) => typeUrl !== TYPE_URLS.secret)));
  return rest;
}

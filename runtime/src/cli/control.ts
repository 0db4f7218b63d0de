import type { Server } from 'node:http';
import pino from 'pino';

import { parseDuration } from '../agent/arguments';
import { Compiler, parseNode, readSwitches } from '../compile';
import { Acceptance } from '../control/acceptance';
import { ControlPlane } from '../control/control-plane';
import { proxyStatus, type FromControl, type ToControl } from '../control/messages';
import { Machines } from '../control/machines';
import { ControlMetrics } from '../control/metrics';
import { serveStatus } from '../control/status-server';
import { TokenKeys } from '../control/token-keys';
import type { Snapshot } from '../model/snapshot';
import { Cluster, SnapshotMirror, watchFiles } from '../source';
import type { KeyStore } from '../source/keys';
import { XdsServer, type XdsServerOptions } from '../xds';
import { createBundleStore, createKeyStore } from './control-keys';
import { Failure } from './failure';
import { type ListenAddress, checkXdsAddress, readListenAddress } from './listen-address';
import { Secured, type SecuredOptions } from './secured';

interface ControlOptions extends SecuredOptions {
  readonly files?: readonly string[];
  readonly listen: readonly string[];
  readonly status: string;
  readonly outside: string;
}

type Source = 'ipc' | 'files';

/** As with istiod: a machine that has only lost its connection is not taken away from its callers. */
const MACHINE_GRACE_MS = 10_000;

/** The control plane, until it is told to end. */
export async function control(options: ControlOptions): Promise<number> {
  const source = chooseSource(options);
  options.listen.forEach((address) => checkXdsAddress('--listen', address));
  if (options.secure !== undefined) checkXdsAddress('--secure', options.secure);
  const statusAddress = readListenAddress('--status', options.status);
  const log = pino({ name: 'control', level: process.env.LOG_LEVEL ?? 'info' }, pino.destination(2));
  if (process.env.PILOT_ENABLE_MYSQL_FILTER) {
    log.warn('PILOT_ENABLE_MYSQL_FILTER has no effect: the filter is not in Envoy\'s release, ports of MySQL are TCP');
  }
  const parts = createControlPlane(options, log, source === 'ipc' ? tellEngine : undefined);
  // Readiness first: proxies that connect must not be told that there is nothing.
  const follow = source === 'ipc' ? followEngine(parts) : await followFiles(parts, options.files ?? [], log);
  const status = await listenStatus(serveStatus(parts.plane, parts.metrics), statusAddress);
  for (const address of options.listen) {
    await parts.server.listen(address).catch((error: Error) => Promise.reject(new Failure(error.message)));
    log.info({ address }, 'serving xDS');
  }
  const reason = await Promise.race([ended(source), ...(parts.secured ? [parts.secured.failed] : [])]);
  log.info({ reason }, 'ending');
  follow();
  status.close();
  parts.keys.close();
  parts.secured?.close();
  await parts.server.close();
  return 0;
}

function chooseSource({ files }: ControlOptions): Source {
  if (process.env.MESH_SOURCE === 'ipc' && process.send) {
    return 'ipc';
  }
  if (files && files.length > 0) {
    return 'files';
  }
  throw new Failure('there is no source of objects: give --files PATH… or set MESH_FILES (paths with ":" between). '
    + 'The Kubernetes API keeps the authority but is not a source of this version: on a cluster, synthesize with MeshRuntime.istio() and let Istio\'s control plane serve');
}

interface Parts {
  readonly plane: ControlPlane;
  readonly server: XdsServer;
  readonly metrics: ControlMetrics;
  readonly keys: KeyStore;
  readonly secured: Secured | undefined;
}

function createControlPlane(options: ControlOptions, log: pino.Logger, onChange: ((plane: ControlPlane) => void) | undefined): Parts {
  const metrics = new ControlMetrics();
  const acceptance = new Acceptance();
  const changed = onChange ? oncePerTurn(() => onChange(plane)) : () => undefined;
  const server = new XdsServer({ registry: metrics.registry, ...tellPlane(() => plane, () => machines, log) });
  const compiler = new Compiler(readSwitches(process.env));
  const keys = createKeyStore({ outside: options.outside, metrics, log, onChange: () => plane.repeat() });
  const machines = new Machines({ parseNode, grace: parseDuration(process.env.PILOT_WORKLOAD_ENTRY_GRACE_PERIOD) ?? MACHINE_GRACE_MS, onChange: () => plane.repeat() });
  const tokenKeys = new TokenKeys(keys, (snapshot) => compiler.wantedKeys(snapshot));
  const secured = Secured.create(options, {
    server, compiler, metrics, onChange: changed, bundles: (fetched) => createBundleStore({ outside: options.outside, log, onChange: fetched }),
    log: (level, event, message) => log[level](event, message),
  });
  const plane: ControlPlane = new ControlPlane({
    accept: (raw) => acceptance.accept(machines.join(raw)), join: (accepted) => tokenKeys.join(accepted), compiler, parseNode, server, metrics, onChange: changed,
    problems: () => [...secured?.problems() ?? [], ...machines.problems()],
    onDefect: (error) => log.error({ err: error }, 'cannot make the configuration of a proxy'),
  });
  return { plane, server, metrics, keys, secured };
}

/** Acts after the present turn of the event loop, however often it is asked to during it. */
function oncePerTurn(act: () => void): () => void {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      act();
    });
  };
}

/** What happens to proxies, for the control plane and the log. */
function tellPlane(plane: () => ControlPlane, machines: () => Machines, log: pino.Logger): Omit<XdsServerOptions, 'registry'> {
  return {
    onConnect: (proxy) => {
      log.info({ node: proxy.node.id }, 'proxy connected');
      machines().connected(proxy);
      plane().connected(proxy);
    },
    onDisconnect: (proxy) => {
      log.info({ node: proxy.node.id }, 'proxy gone');
      machines().disconnected(proxy);
      plane().disconnected(proxy);
    },
    onAck: (proxy, { typeUrl }) => plane().acknowledged(proxy, typeUrl),
    onNack: (proxy, nack) => {
      log.warn({ node: proxy.node.id, ...nack }, 'proxy refuses configuration');
      plane().refused(proxy, nack);
    },
    onHealth: (proxy, health) => machines().reported(proxy, health),
    onSynced: () => plane().synced(),
    onRefused: ({ node, ...refused }) => log.warn({ node: node.id, ...refused }, 'proxy refused'),
    onWithheld: (proxy) => plane().withheld(proxy),
  };
}

function tellEngine(plane: ControlPlane): void {
  process.send?.({ type: 'state', state: plane.state() } satisfies FromControl);
}

/** The engine sends Snapshots as differences, and asks what proxies have acknowledged. */
function followEngine(parts: Parts): () => void {
  const { plane, secured } = parts;
  const mirror = new SnapshotMirror();
  const receive = (message: ToControl) => {
    if (message.type === 'snapshot') {
      update(parts, { ...mirror.apply(message.delta), revision: message.revision });
    } else if (message.type === 'join') {
      secured?.join(message.token, message.identity);
      process.send?.({ type: 'joined', id: message.id } satisfies FromControl);
    } else {
      process.send?.({ type: 'status', id: message.id, proxies: plane.status().map(proxyStatus) } satisfies FromControl);
    }
  };
  process.on('message', receive);
  return () => void process.off('message', receive);
}

function update({ plane, secured }: Parts, snapshot: Snapshot): void {
  secured?.update(snapshot);
  plane.update(snapshot);
}

async function followFiles(parts: Parts, files: readonly string[], log: pino.Logger): Promise<() => void> {
  const cluster = new Cluster();
  const take = (reading: Parameters<Parameters<typeof watchFiles>[1]>[0]) => {
    cluster.replace(reading.objects);
    for (const { resource, path, message } of [...reading.problems, ...cluster.problems()]) {
      log.warn({ resource, path }, message);
    }
    update(parts, cluster.snapshot());
  };
  const watch = await watchFiles(files, take);
  take(watch.reading);
  return () => watch.close();
}

function listenStatus(server: Server, { host, port }: ListenAddress): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Failure(`cannot serve the status at ${host}:${port}: ${error.message}`)));
    server.listen(port, host, () => resolve(server));
  });
}

function ended(source: Source): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => resolve(signal));
    }
    if (source === 'ipc') {
      process.once('disconnect', () => resolve('the engine is gone'));
    }
  });
}

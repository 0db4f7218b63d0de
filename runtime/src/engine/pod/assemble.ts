import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { emitBootstrap } from '../../agent/bootstrap';
import { readCaptureArguments } from '../../agent/capture';
import { emitCaptureRules } from '../../agent/capture-rules';
import { readNode, type ProxyNode } from '../../agent/node';
import { parseNode, readBootstrapPatches, readProxyStart, TopologyReader } from '../../compile';
import type { MeshProxyConfig } from '../../istio';
import type { Pod } from '../../kubernetes';
import { POD_NETWORK } from '../../local/network';
import type { PodSandbox } from '../../local/pod-sandbox';
import { parseLocality } from '../../model/locality';
import { resourcesOf, type Snapshot } from '../../model/snapshot';
import { PodAgent, type PodAuthority } from './agent';
import { isToldNames } from './told-names';
import { planPod, type PodPlan, type ProxyPlan } from './plan';
import { PodProxy, type PodProxyOptions } from './proxy';
import { RunningPod } from './running-pod';

/** Tells the proxy's own connections from the application's where only one user may exist. */
const MARK = 1337;
/** As Istio's sidecars. */
const DEFAULT_CONCURRENCY = 2;

export interface AssemblyOptions {
  readonly envoy: string;
  readonly mesh: readonly string[];
  readonly runDirectory: string;
  /** Unix socket of the control plane. */
  readonly xdsSocket: string;
  readonly authority: PodAuthority;
  /** Environment of every container, below its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly onChange: (pod: RunningPod) => void;
  /** Gets every line that processes write. */
  readonly onLine?: (line: string) => void;
}

type OwnParts = Pick<PodProxyOptions, 'sandbox' | 'folder' | 'log' | 'onChange'>;

interface ProxyStart {
  readonly config: MeshProxyConfig;
  readonly node: ProxyNode;
  readonly env: Readonly<Record<string, string>>;
  /** What users do to the bootstrap. */
  patch(bootstrap: object): object;
}

/** Puts pods together from their parts. Each gets a folder with a short name: a socket's path must be short. */
export class PodAssembly {
  private made = 0;

  public constructor(private readonly options: AssemblyOptions) {}

  public make(pod: Pod, sandbox: PodSandbox, { snapshot, folder }: { readonly snapshot: Snapshot; readonly folder: string }): RunningPod {
    const { runDirectory, mesh, env, onChange, onLine } = this.options;
    const plan = planPod(pod, snapshot, mesh);
    const own = join(runDirectory, 'p', String(++this.made));
    return new RunningPod({
      plan, sandbox, folder, env, onChange,
      onLine: (container, { text }) => onLine?.(`${pod.metadata.name} ${container}  ${text}`),
      makeProxy: (log, changed) => this.makeProxy(plan, snapshot, { sandbox, folder: own, log, onChange: changed }),
      ...(plan.proxy?.capture ? { captureRules: emitCaptureRules(readCaptureArguments(plan.proxy.capture).options, { mark: MARK }) } : {}),
    });
  }

  private makeProxy(plan: PodPlan, snapshot: Snapshot, own: OwnParts): { readonly proxy: PodProxy; readonly agent: PodAgent } {
    const { envoy, xdsSocket, authority, env: { SSL_CERT_FILE: trust } } = this.options;
    const proxy = plan.proxy as ProxyPlan;
    // What programs trust, their proxies trust too: they begin TLS for them.
    const local = { ...(trust === undefined ? {} : { ISTIO_META_LOCAL_TRUST: trust }) };
    const { config, node, env, patch } = startOf(plan, { ...proxy, env: { ...proxy.env, ...local } }, snapshot);
    // The application is told names by the mesh, so its proxy must ask elsewhere: it would be told to call itself.
    const nameServer = isToldNames(plan.pod) ? { nameServer: POD_NETWORK.gateway } : {};
    const { proxyLogLevel, proxyComponentLogLevel } = agentFlags(proxy);
    const agent = new PodAgent({ ...own, pod: plan.pod, env, authority, foreignRoots: (config.caCertificatesPem ?? []).map(String) });
    return {
      agent,
      proxy: new PodProxy({
        ...own, envoy,
        type: proxy.type,
        concurrency: config.concurrency ?? DEFAULT_CONCURRENCY,
        logLevel: proxyLogLevel ?? 'warning',
        componentLogLevel: proxyComponentLogLevel ?? 'misc:error',
        bootstrap: ({ adminSocket, probeSocket }) => patch(emitBootstrap({
          node, controlPlane: { path: xdsSocket }, secretSocket: agent.socket, adminSocket, probeSocket, mark: MARK, ...nameServer,
        })),
      }),
    };
  }
}

/** What the proxy is started with: its `proxyMetadata` counts as environment, as where Istio injects it. */
function startOf(plan: PodPlan, proxy: ProxyPlan, snapshot: Snapshot): ProxyStart {
  const { namespace, name, labels = {} } = plan.pod.metadata;
  const config = readProxyStart(snapshot, { namespace, name, labels, metadata: nodeOfPod(plan, proxy).metadata });
  const env = { ...config.proxyMetadata, ...proxy.env };
  const plain = nodeOfPod(plan, { ...proxy, env });
  const known = parseNode(plain);
  const patches = typeof known === 'string' ? [] : readBootstrapPatches(snapshot, known);
  const metadata = Object.assign({}, plain.metadata, ...patches.map((one) => one.metadata)) as ProxyNode['metadata'];
  return {
    config, env, node: { ...plain, metadata, ...placeOf(plan.pod, snapshot) },
    patch: (bootstrap) => patches.reduce((into, one) => one.patch(into), bootstrap),
  };
}

/** Where the proxy stands, which Envoy must know to stay in its zone. */
function placeOf(pod: Pod, snapshot: Snapshot): Pick<ProxyNode, 'locality'> {
  const { locality } = new TopologyReader().of(pod, resourcesOf(snapshot, '/Node'));
  return locality === '' ? {} : { locality: parseLocality(locality) };
}

/** The node of a pod's proxy, as its agent would tell it on this machine. */
export function nodeOfPod({ pod }: PodPlan, proxy: ProxyPlan): ProxyNode {
  const { labels = {}, annotations = {} } = pod.metadata;
  const { domain } = agentFlags(proxy);
  const env = isToldNames(pod) ? { ...proxy.env, ISTIO_META_DNS_CAPTURE: 'true' } : proxy.env;
  return readNode({ type: proxy.type, env, labels, annotations, ...(domain ? { domain } : {}) });
}

function agentFlags({ args }: ProxyPlan): { domain?: string; proxyLogLevel?: string; proxyComponentLogLevel?: string } {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args], strict: false, allowPositionals: true,
    options: { domain: text, proxyLogLevel: text, proxyComponentLogLevel: text },
  });
  return values as ReturnType<typeof agentFlags>;
}

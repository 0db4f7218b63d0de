/**
 * The proxy in a pod: what `cdk8s synth`, `mesh up`, `mesh inject` and the webhook add to a pod template, so that all of them add the same.
 * Plain JSON in, plain JSON out; nothing but a part of it is imported, nothing given is changed.
 *
 * **Sidecar** ({@link injectSidecar}): two init containers before the pod's own, so that those are in the mesh too.
 *
 * - `istio-init`, arguments `capture` and istio-iptables' words:
 *   `capture -p 15001 -z 15006 -u 1337 -m REDIRECT -i * -x '' -b * -d 15090,15021,15020`, then, only if their annotation is there,
 *   `-q PORTS` (includeOutboundPorts), `-o PORTS` (excludeOutboundPorts), `-c NAMES` (excludeInterfaces),
 *   `-k NAMES` (`istio.io/reroute-virtual-interfaces`). With interception mode `NONE` the container is left out.
 * - `istio-proxy`, a native sidecar (`restartPolicy: Always`), arguments `agent sidecar` and flags.
 *
 * **Gateway** ({@link injectGateway}): the container `istio-proxy`, arguments `agent router` and flags; nothing is captured.
 *
 * Flags of `agent`, all of them: `--domain $(POD_NAMESPACE).svc.cluster.local`, `--proxyLogLevel=warning`,
 * `--proxyComponentLogLevel=misc:error`, `--log_output_level=default:info` (the first as two arguments, as Istio writes it).
 *
 * Environment of `agent`: `POD_NAME`, `POD_NAMESPACE`, `INSTANCE_IP`, `SERVICE_ACCOUNT`, `HOST_IP` (downward API), `TRUST_DOMAIN`,
 * `PROXY_CONFIG` (JSON: `discoveryAddress`, `concurrency`), and for the node's metadata `ISTIO_META_POD_PORTS` (JSON list of container
 * ports), `ISTIO_META_APP_CONTAINERS` (names, comma between), `ISTIO_META_CLUSTER_ID`, `ISTIO_META_INTERCEPTION_MODE`,
 * `ISTIO_META_WORKLOAD_NAME`, `ISTIO_META_OWNER`, `ISTIO_META_MESH_ID`, `ISTIO_META_NODE_NAME` and, if set, `ISTIO_META_NETWORK`.
 * The pod's labels and annotations are in the files `/etc/istio/pod/labels` and `/etc/istio/pod/annotations` (downward API format), the
 * writable folders are `/etc/istio/proxy` (memory), `/var/lib/istio/data` and the one of the agent's socket.
 *
 * **Identity**, with Istio's paths below `/var/run/secrets`: the token that proves it (`tokens/istio-token`, of audience `istio-ca`), the roots
 * of the mesh (`istio/root-cert.pem`, ConfigMap `istio-ca-root-cert`), and the folder where Envoy asks the agent for its certificate
 * (`workload-spiffe-uds`). Sidecars have the label `security.istio.io/tlsMode: istio`: they take mutual TLS.
 *
 * **Probes** go to the agent (`sidecar-probes.ts`).
 *
 * What is not added, on purpose: `prometheus.io/*` annotations stay the user's own, as in Istio with `enablePrometheusMerge: false`.
 */

import { APP_PROBERS, emitProbers, probePort, rewriteProbes } from './sidecar-probes';

/** A container of a pod, as in the Kubernetes API. */
export interface SidecarContainer {
  readonly name: string;
  readonly image?: string;
  readonly ports?: readonly unknown[];
  readonly [field: string]: unknown;
}

/** The template of a pod (or a Pod), as in the Kubernetes API. */
export interface SidecarPodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly containers?: readonly SidecarContainer[];
    readonly initContainers?: readonly SidecarContainer[];
    readonly volumes?: readonly { readonly name: string }[];
    readonly securityContext?: unknown;
    readonly [field: string]: unknown;
  };
}

/** The object that owns the pods: it becomes `ISTIO_META_WORKLOAD_NAME` and `ISTIO_META_OWNER`. */
export interface SidecarWorkload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** @default - `default`, as `kubectl apply` would choose */
  readonly namespace?: string;
}

/** What the added containers look like. Annotations of the pod win over these. */
export interface SidecarOptions {
  readonly workload: SidecarWorkload;
  /** @default {@link RUNTIME_IMAGE} */
  readonly image?: string;
  /** @default - Kubernetes' own rule */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Revision of the control plane (`istio.io/rev`). @default 'default' */
  readonly revision?: string;
  /** Where Envoy gets its configuration, `host:port`. @default 'istiod.istio-system.svc:15012' */
  readonly controlPlaneAddress?: string;
  /** @default 'cluster.local' */
  readonly trustDomain?: string;
  /** @default - the trust domain */
  readonly meshId?: string;
  /** Suffix of all names in the cluster. @default 'cluster.local' */
  readonly clusterDomain?: string;
  /** @default 'Kubernetes' */
  readonly clusterId?: string;
  /** Name of the pod's network in a mesh of several. @default - none */
  readonly network?: string;
  /** Worker threads of Envoy. @default 2 */
  readonly concurrency?: number;
  /** Envoy's log level. @default 'warning' */
  readonly logLevel?: string;
  /** Envoy's log level for components, `name:level,…`. @default 'misc:error' */
  readonly componentLogLevel?: string;
  /** The agent's log level, `scope:level,…`. @default 'default:info' */
  readonly agentLogLevel?: string;
}

/** The image of the bundled runtime: control plane, agent and capture. */
export const RUNTIME_IMAGE = 'cdk8s-istio-runtime:0.1.0';

/** Name of the proxy's container, in sidecars and gateways. */
export const PROXY_CONTAINER = 'istio-proxy';

/** Name of the init container that captures the pod's traffic. */
export const CAPTURE_CONTAINER = 'istio-init';

/** The user and group of the proxy, whose own traffic is not captured. */
export const PROXY_UID = 1337;

const STATUS = 'sidecar.istio.io/status';
const TLS_MODE = 'security.istio.io/tlsMode';
const CANONICAL_NAME = 'service.istio.io/canonical-name';
const CANONICAL_REVISION = 'service.istio.io/canonical-revision';

/**
 * The template with Istio's sidecar: `istio-init` and the native sidecar `istio-proxy`. Every field that was there stays. A pod that has a
 * container `istio-proxy` already is returned as it is, unless that container's image is `auto`: then its fields are laid over ours.
 */
export function injectSidecar<T extends SidecarPodTemplate>(template: T, options: SidecarOptions): T {
  if (hasProxy(template)) return template;
  const own = template.spec?.containers ?? [];
  const init = template.spec?.initContainers ?? [];
  const wanted = [...own, ...init].find((container) => container.name === PROXY_CONTAINER);
  const proxy = overlay(proxyContainer('sidecar', template, options), wanted);
  const capture = interceptionMode(template) === 'NONE' ? [] : [captureContainer(template, options)];
  const added = [...capture, { ...proxy, restartPolicy: 'Always' }];
  const takesTls = { [TLS_MODE]: template.metadata?.labels?.[TLS_MODE] ?? 'istio' };
  return withProxy(template, options, {
    labels: takesTls,
    containers: own.filter((container) => container !== wanted),
    initContainers: [...added, ...init.filter((container) => container !== wanted && container.name !== CAPTURE_CONTAINER)],
    status: { initContainers: added.map(({ name }) => name), containers: null },
  });
}

/**
 * The template with a gateway's proxy: the container `istio-proxy` of type `router`. A container of that name whose image is `auto` keeps
 * all its fields (ports, resources …) and gets the rest; one with an image of its own means that there is nothing to do.
 */
export function injectGateway<T extends SidecarPodTemplate>(template: T, options: SidecarOptions): T {
  if (hasProxy(template)) return template;
  const own = template.spec?.containers ?? [];
  const wanted = own.find((container) => container.name === PROXY_CONTAINER);
  const proxy = overlay(proxyContainer('router', template, options), wanted);
  const injected = withProxy(template, options, {
    containers: wanted ? own.map((container) => (container === wanted ? proxy : container)) : [proxy, ...own],
    initContainers: template.spec?.initContainers,
    status: { initContainers: null, containers: [PROXY_CONTAINER] },
  });
  return { ...injected, spec: { ...injected.spec, securityContext: lowPorts(template.spec?.securityContext) } };
}

/** Whether the pod asks for the gateway template instead of the sidecar (`inject.istio.io/templates: gateway`). */
export function wantsGateway(template: SidecarPodTemplate): boolean {
  return (template.metadata?.annotations?.['inject.istio.io/templates'] ?? '').split(',').includes('gateway');
}

/** Whether the pod has a proxy already, of whatever origin. */
export function hasProxy(template: SidecarPodTemplate): boolean {
  const containers = [...template.spec?.containers ?? [], ...template.spec?.initContainers ?? []];
  return containers.some((container) => container.name === PROXY_CONTAINER && container.image !== 'auto');
}

/** `REDIRECT`, or `NONE` where the pod's annotation `sidecar.istio.io/interceptionMode` says so. */
export function interceptionMode(template: SidecarPodTemplate): 'REDIRECT' | 'NONE' {
  return template.metadata?.annotations?.['sidecar.istio.io/interceptionMode'] === 'NONE' ? 'NONE' : 'REDIRECT';
}

/** Arguments of `mesh capture`, in istio-iptables' words, for a pod with these annotations (`traffic.sidecar.istio.io/*`). */
export function captureArguments(annotations: Readonly<Record<string, string>> = {}): string[] {
  const traffic = (name: string): string | undefined => annotations[`traffic.sidecar.istio.io/${name}`]?.trim();
  const own = traffic('excludeInboundPorts');
  const optional: readonly (readonly [string, string | undefined])[] = [
    ['-q', traffic('includeOutboundPorts')],
    ['-o', traffic('excludeOutboundPorts')],
    ['-c', traffic('excludeInterfaces')],
    ['-k', annotations['istio.io/reroute-virtual-interfaces'] ?? traffic('kubevirtInterfaces')],
  ];
  return [
    '-p', '15001', '-z', '15006', '-u', String(PROXY_UID), '-m', 'REDIRECT',
    '-i', traffic('includeOutboundIPRanges') ?? '*',
    '-x', traffic('excludeOutboundIPRanges') ?? '',
    '-b', traffic('includeInboundPorts') ?? '*',
    '-d', ['15090', '15021', ...(own ? [own] : []), '15020'].join(','),
    ...optional.flatMap(([flag, value]) => (value ? [flag, value] : [])),
  ];
}

interface Injection {
  readonly labels?: Readonly<Record<string, string>>;
  readonly containers: readonly SidecarContainer[];
  readonly initContainers: readonly SidecarContainer[] | undefined;
  readonly status: { readonly initContainers: readonly string[] | null; readonly containers: readonly string[] | null };
}

function withProxy<T extends SidecarPodTemplate>(template: T, options: SidecarOptions, injection: Injection): T {
  const { metadata, spec } = template;
  const has = new Set(spec?.volumes?.map((volume) => volume.name));
  const volumes = VOLUMES.filter((volume) => !has.has(volume.name));
  const revision = options.revision ?? 'default';
  const status = JSON.stringify({ ...injection.status, volumes: VOLUMES.map(({ name }) => name), imagePullSecrets: null, revision });
  const first = injection.containers.filter((container) => container.name !== PROXY_CONTAINER);
  const logs: Record<string, string> = first.length === 1
    ? { 'kubectl.kubernetes.io/default-container': first[0].name, 'kubectl.kubernetes.io/default-logs-container': first[0].name }
    : {};
  return {
    ...template,
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, ...injection.labels, ...canonicalLabels(template, options.workload) },
      annotations: { ...logs, 'istio.io/rev': revision, ...metadata?.annotations, [STATUS]: status },
    },
    spec: {
      ...spec,
      ...withAgentProbes(template, injection),
      volumes: [...volumes, ...spec?.volumes ?? []],
    },
  };
}

/** The containers, with probes that go to the agent, and the agent that knows what they were. */
function withAgentProbes({ metadata }: SidecarPodTemplate, { containers, initContainers }: Injection): Pick<Injection, 'containers'> & Partial<Injection> {
  const port = probePort(metadata?.annotations);
  if (port === undefined) return { containers, ...(initContainers ? { initContainers } : {}) };
  const isProxy = ({ name }: SidecarContainer) => name === PROXY_CONTAINER;
  const rewritten = new Map([...initContainers ?? [], ...containers].filter((each) => !isProxy(each)).map((each) => [each, rewriteProbes(each, port)]));
  const value = emitProbers([...rewritten.values()].map(({ probers }) => probers));
  const place = (each: SidecarContainer): SidecarContainer => {
    if (!isProxy(each)) return rewritten.get(each)?.container ?? each;
    return value === undefined ? each : { ...each, env: [...each.env as readonly object[] ?? [], { name: APP_PROBERS, value }] };
  };
  return { ...(initContainers ? { initContainers: initContainers.map(place) } : {}), containers: containers.map(place) };
}

/** As Istio's injector: the service that the pod belongs to in people's minds, and its revision. */
function canonicalLabels({ metadata }: SidecarPodTemplate, workload: SidecarWorkload): Record<string, string> {
  const labels = metadata?.labels ?? {};
  return {
    [CANONICAL_NAME]: labels[CANONICAL_NAME] ?? labels['app.kubernetes.io/name'] ?? labels.app ?? workload.name,
    [CANONICAL_REVISION]: labels[CANONICAL_REVISION] ?? labels['app.kubernetes.io/version'] ?? labels.version ?? 'latest',
  };
}

function captureContainer(template: SidecarPodTemplate, options: SidecarOptions): SidecarContainer {
  return {
    name: CAPTURE_CONTAINER,
    ...image(template, options),
    args: ['capture', ...captureArguments(template.metadata?.annotations)],
    resources: resources({}),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: false,
      runAsGroup: 0,
      runAsNonRoot: false,
      runAsUser: 0,
    },
  };
}

function proxyContainer(type: 'sidecar' | 'router', template: SidecarPodTemplate, options: SidecarOptions): SidecarContainer {
  const annotations = template.metadata?.annotations ?? {};
  const probe = { httpGet: { path: '/healthz/ready', port: 15021 }, timeoutSeconds: 3 };
  return {
    name: PROXY_CONTAINER,
    ...image(template, options),
    args: [
      'agent', type,
      '--domain', `$(POD_NAMESPACE).svc.${options.clusterDomain ?? 'cluster.local'}`,
      `--proxyLogLevel=${annotations['sidecar.istio.io/logLevel'] ?? options.logLevel ?? 'warning'}`,
      `--proxyComponentLogLevel=${annotations['sidecar.istio.io/componentLogLevel'] ?? options.componentLogLevel ?? 'misc:error'}`,
      `--log_output_level=${annotations['sidecar.istio.io/agentLogLevel'] ?? options.agentLogLevel ?? 'default:info'}`,
    ],
    env: environment(type, template, options),
    ports: [{ containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }],
    readinessProbe: { ...probe, periodSeconds: 15, failureThreshold: 4 },
    resources: resources(annotations),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: PROXY_UID,
      runAsNonRoot: true,
      runAsUser: PROXY_UID,
    },
    startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 600 },
    volumeMounts: [
      { mountPath: '/var/lib/istio/data', name: 'istio-data' },
      { mountPath: '/etc/istio/proxy', name: 'istio-envoy' },
      { mountPath: '/etc/istio/pod', name: 'istio-podinfo' },
      { mountPath: '/var/run/secrets/workload-spiffe-uds', name: 'workload-socket' },
      { mountPath: '/var/run/secrets/istio', name: 'istiod-ca-cert' },
      { mountPath: '/var/run/secrets/tokens', name: 'istio-token' },
    ],
  };
}

function environment(type: 'sidecar' | 'router', template: SidecarPodTemplate, options: SidecarOptions): readonly object[] {
  const { workload, trustDomain = 'cluster.local' } = options;
  const own = (template.spec?.containers ?? []).filter((container) => container.name !== PROXY_CONTAINER);
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const value = (name: string, text: string) => ({ name, value: text });
  const proxyConfig = { discoveryAddress: options.controlPlaneAddress ?? 'istiod.istio-system.svc:15012', concurrency: options.concurrency ?? 2 };
  const owner = `kubernetes://apis/${workload.apiVersion}/namespaces/${workload.namespace ?? 'default'}/${workload.kind.toLowerCase()}s/${workload.name}`;
  return [
    field('POD_NAME', 'metadata.name'),
    field('POD_NAMESPACE', 'metadata.namespace'),
    field('INSTANCE_IP', 'status.podIP'),
    field('SERVICE_ACCOUNT', 'spec.serviceAccountName'),
    field('HOST_IP', 'status.hostIP'),
    value('TRUST_DOMAIN', trustDomain),
    value('PROXY_CONFIG', JSON.stringify(proxyConfig)),
    value('ISTIO_META_POD_PORTS', JSON.stringify(own.flatMap((container) => container.ports ?? []))),
    value('ISTIO_META_APP_CONTAINERS', own.map(({ name }) => name).join(',')),
    value('ISTIO_META_CLUSTER_ID', options.clusterId ?? 'Kubernetes'),
    field('ISTIO_META_NODE_NAME', 'spec.nodeName'),
    value('ISTIO_META_INTERCEPTION_MODE', type === 'router' ? 'REDIRECT' : interceptionMode(template)),
    value('ISTIO_META_WORKLOAD_NAME', workload.name),
    value('ISTIO_META_OWNER', owner),
    value('ISTIO_META_MESH_ID', options.meshId ?? trustDomain),
    ...(options.network ? [value('ISTIO_META_NETWORK', options.network)] : []),
  ];
}

function image({ metadata }: SidecarPodTemplate, options: SidecarOptions): { readonly image: string; readonly imagePullPolicy?: string } {
  const name = metadata?.annotations?.['sidecar.istio.io/proxyImage'] ?? options.image ?? RUNTIME_IMAGE;
  return options.imagePullPolicy ? { image: name, imagePullPolicy: options.imagePullPolicy } : { image: name };
}

/** Istio's defaults, or what the pod's `sidecar.istio.io/proxy…` annotations say; one of these replaces all defaults, as in Istio. */
function resources(annotations: Readonly<Record<string, string>>): object {
  const given = (name: string) => annotations[`sidecar.istio.io/${name}`];
  const amounts = (cpu: string | undefined, memory: string | undefined) => ({ ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) });
  const requests = amounts(given('proxyCPU'), given('proxyMemory'));
  const limits = amounts(given('proxyCPULimit'), given('proxyMemoryLimit'));
  if (Object.keys(requests).length + Object.keys(limits).length === 0) {
    return { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '100m', memory: '128Mi' } };
  }
  return { ...(Object.keys(limits).length ? { limits } : {}), ...(Object.keys(requests).length ? { requests } : {}) };
}

const VOLUMES: readonly { readonly name: string; readonly [field: string]: unknown }[] = [
  { emptyDir: { medium: 'Memory' }, name: 'istio-envoy' },
  { emptyDir: {}, name: 'istio-data' },
  {
    downwardAPI: {
      items: [
        { fieldRef: { fieldPath: 'metadata.labels' }, path: 'labels' },
        { fieldRef: { fieldPath: 'metadata.annotations' }, path: 'annotations' },
      ],
    },
    name: 'istio-podinfo',
  },
  { emptyDir: { medium: 'Memory' }, name: 'workload-socket' },
  { configMap: { name: 'istio-ca-root-cert' }, name: 'istiod-ca-cert' },
  {
    name: 'istio-token',
    projected: { sources: [{ serviceAccountToken: { audience: 'istio-ca', expirationSeconds: 43_200, path: 'istio-token' } }] },
  },
];

/** Gateways listen on 80 and 443 without being root. */
function lowPorts(given: unknown): object {
  const context = (given ?? {}) as { readonly sysctls?: unknown };
  const name = 'net.ipv4.ip_unprivileged_port_start';
  const sysctls = Array.isArray(context.sysctls) ? context.sysctls as { name?: string }[] : [];
  return sysctls.some((sysctl) => sysctl.name === name) ? context : { ...context, sysctls: [...sysctls, { name, value: '0' }] };
}

/** What the user wrote for `istio-proxy` (image `auto`) over what we would write: lists of named things are joined by name. */
function overlay(ours: SidecarContainer, theirs: SidecarContainer | undefined): SidecarContainer {
  if (!theirs) return ours;
  const joined: Record<string, unknown> = { ...ours, ...theirs, image: ours.image };
  for (const [list, key] of [['env', 'name'], ['ports', 'containerPort'], ['volumeMounts', 'mountPath']] as const) {
    joined[list] = joinBy(key, ours[list], theirs[list]);
  }
  return joined as unknown as SidecarContainer;
}

function joinBy(key: string, ours: unknown, theirs: unknown): unknown {
  if (!Array.isArray(ours) || !Array.isArray(theirs)) return theirs ?? ours;
  const own = new Set(theirs.map((item: Record<string, unknown>) => item[key]));
  return [...ours.filter((item: Record<string, unknown>) => !own.has(item[key])), ...theirs];
}

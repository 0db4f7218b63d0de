/**
 * The proxy in a pod: what `cdk8s synth`, `mesh up`, `mesh inject` and the webhook add to a pod template, so that all of them add the same.
 * Plain JSON in, plain JSON out; nothing but its parts is imported, nothing given is changed.
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

import { captureContainer, interceptionMode, overlay, proxyContainer } from './sidecar-containers';
import { CAPTURE_CONTAINER, PROXY_CONTAINER, type SidecarContainer, type SidecarOptions, type SidecarPodTemplate, type SidecarWorkload } from './sidecar-pod';
import { APP_PROBERS, emitProbers, probePort, rewriteProbes } from './sidecar-probes';
import { VOLUMES } from './sidecar-volumes';

export { captureArguments } from './sidecar-containers';
export * from './sidecar-pod';

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
function hasProxy(template: SidecarPodTemplate): boolean {
  const containers = [...template.spec?.containers ?? [], ...template.spec?.initContainers ?? []];
  return containers.some((container) => container.name === PROXY_CONTAINER && container.image !== 'auto');
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

/** Gateways listen on 80 and 443 without being root. */
function lowPorts(given: unknown): object {
  const context = (given ?? {}) as { readonly sysctls?: unknown };
  const name = 'net.ipv4.ip_unprivileged_port_start';
  const sysctls = Array.isArray(context.sysctls) ? context.sysctls as { name?: string }[] : [];
  return sysctls.some((sysctl) => sysctl.name === name) ? context : { ...context, sysctls: [...sysctls, { name, value: '0' }] };
}

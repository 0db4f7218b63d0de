/** The containers that `sidecar.ts` adds to pods. Plain JSON in, plain JSON out; nothing but another of its parts is imported. */

import { CAPTURE_CONTAINER, PROXY_CONTAINER, PROXY_UID, RUNTIME_IMAGE, type SidecarContainer, type SidecarOptions, type SidecarPodTemplate } from './sidecar-pod';

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

/** The init container that captures the pod's traffic. */
export function captureContainer(template: SidecarPodTemplate, options: SidecarOptions): SidecarContainer {
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

/** The container of Envoy and its agent. */
export function proxyContainer(type: 'sidecar' | 'router', template: SidecarPodTemplate, options: SidecarOptions): SidecarContainer {
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

/** What the user wrote for `istio-proxy` (image `auto`) over what we would write: lists of named things are joined by name. */
export function overlay(ours: SidecarContainer, theirs: SidecarContainer | undefined): SidecarContainer {
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

import { version } from '../package.json';
import { captureArguments, injectGateway, injectSidecar, RUNTIME_IMAGE } from '../src/sidecar';
import type { SidecarContainer, SidecarOptions, SidecarPodTemplate } from '../src/sidecar';

const options: SidecarOptions = { workload: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'reviews-v1', namespace: 'bookinfo' } };
const template: SidecarPodTemplate & { fieldFromTheFuture: number } = {
  metadata: { labels: { app: 'reviews', version: 'v1' }, annotations: { team: 'books' } },
  spec: {
    serviceAccountName: 'reviews',
    initContainers: [{ name: 'migrate', image: 'example/migrate:1' }],
    containers: [{ name: 'reviews', image: 'example/reviews:1', ports: [{ containerPort: 9080 }], fieldFromTheFuture: { kept: true } }],
    volumes: [{ name: 'data' }],
    fieldFromTheFuture: 1,
  },
  fieldFromTheFuture: 2,
};

function proxyOf(pod: SidecarPodTemplate): SidecarContainer {
  const proxy = [...pod.spec?.containers ?? [], ...pod.spec?.initContainers ?? []].find(({ name }) => name === 'istio-proxy');
  if (!proxy) throw new Error('no istio-proxy');
  return proxy;
}

function environmentOf(pod: SidecarPodTemplate): Record<string, unknown> {
  const env = proxyOf(pod).env as { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
  return Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef.fieldPath]));
}

test('the image has the version of the package', () => {
  expect(RUNTIME_IMAGE).toBe(`cdk8s-istio-runtime:${version}`);
});

describe('injectSidecar', () => {
  test('capture first, then the native sidecar, then the containers of the pod', () => {
    const { spec } = injectSidecar(template, options);
    expect(spec?.initContainers?.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ['istio-init', undefined], ['istio-proxy', 'Always'], ['migrate', undefined],
    ]);
    expect(spec?.containers).toEqual(template.spec?.containers);
  });

  test('captures with the words of istio-iptables', () => {
    const init = injectSidecar(template, options).spec?.initContainers?.[0];
    expect(init?.args).toEqual([
      'capture', '-p', '15001', '-z', '15006', '-u', '1337', '-m', 'REDIRECT', '-i', '*', '-x', '', '-b', '*', '-d', '15090,15021,15020',
    ]);
    expect(init?.securityContext).toMatchObject({ capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] }, runAsUser: 0 });
  });

  test('runs the agent as 1337 with what it must know', () => {
    const pod = injectSidecar(template, options);
    expect(proxyOf(pod)).toMatchObject({
      image: RUNTIME_IMAGE,
      args: [
        'agent', 'sidecar', '--domain', '$(POD_NAMESPACE).svc.cluster.local',
        '--proxyLogLevel=warning', '--proxyComponentLogLevel=misc:error', '--log_output_level=default:info',
      ],
      securityContext: { runAsUser: 1337, runAsGroup: 1337, readOnlyRootFilesystem: true },
      startupProbe: { httpGet: { path: '/healthz/ready', port: 15021 } },
      readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 } },
    });
    expect(environmentOf(pod)).toEqual({
      POD_NAME: 'metadata.name',
      POD_NAMESPACE: 'metadata.namespace',
      INSTANCE_IP: 'status.podIP',
      SERVICE_ACCOUNT: 'spec.serviceAccountName',
      HOST_IP: 'status.hostIP',
      TRUST_DOMAIN: 'cluster.local',
      PROXY_CONFIG: '{"discoveryAddress":"istiod.istio-system.svc:15012","concurrency":2}',
      ISTIO_META_POD_PORTS: '[{"containerPort":9080}]',
      ISTIO_META_APP_CONTAINERS: 'reviews',
      ISTIO_META_CLUSTER_ID: 'Kubernetes',
      ISTIO_META_NODE_NAME: 'spec.nodeName',
      ISTIO_META_INTERCEPTION_MODE: 'REDIRECT',
      ISTIO_META_WORKLOAD_NAME: 'reviews-v1',
      ISTIO_META_OWNER: 'kubernetes://apis/apps/v1/namespaces/bookinfo/deployments/reviews-v1',
      ISTIO_META_MESH_ID: 'cluster.local',
    });
  });

  test('labels and annotations are those of Istio', () => {
    expect(injectSidecar(template, options).metadata).toEqual({
      labels: {
        'app': 'reviews', 'version': 'v1', 'security.istio.io/tlsMode': 'istio',
        'service.istio.io/canonical-name': 'reviews', 'service.istio.io/canonical-revision': 'v1',
      },
      annotations: {
        'team': 'books',
        'istio.io/rev': 'default',
        'kubectl.kubernetes.io/default-container': 'reviews',
        'kubectl.kubernetes.io/default-logs-container': 'reviews',
        'sidecar.istio.io/status': '{"initContainers":["istio-init","istio-proxy"],"containers":null,'
          + '"volumes":["istio-envoy","istio-data","istio-podinfo","workload-socket","istiod-ca-cert","istio-token"],"imagePullSecrets":null,"revision":"default"}',
      },
    });
  });

  test('nothing of the pod is lost and nothing given is changed', () => {
    const before = structuredClone(template);
    const pod = injectSidecar(template, options);
    expect(template).toEqual(before);
    expect(pod).toMatchObject({ ...template, spec: { ...template.spec, initContainers: expect.anything(), volumes: expect.arrayContaining([{ name: 'data' }]) } });
  });

  test('twice is once', () => {
    const once = injectSidecar(template, options);
    expect(injectSidecar(once, options)).toBe(once);
  });

  test('a pod that brings its own istio-proxy is left alone', () => {
    const own = { spec: { containers: [{ name: 'app' }, { name: 'istio-proxy', image: 'example/proxy:1' }] } };
    expect(injectSidecar(own, options)).toBe(own);
  });

  test('image auto: the fields of the user win, named lists are joined', () => {
    const pod = injectSidecar({
      spec: { containers: [{ name: 'app' }, { name: 'istio-proxy', image: 'auto', env: [{ name: 'TRUST_DOMAIN', value: 'other' }, { name: 'MINE', value: '1' }], resources: {} }] },
    }, options);
    expect(pod.spec?.containers?.map(({ name }) => name)).toEqual(['app']);
    expect(proxyOf(pod)).toMatchObject({ image: RUNTIME_IMAGE, resources: {}, restartPolicy: 'Always' });
    expect(environmentOf(pod)).toMatchObject({ TRUST_DOMAIN: 'other', MINE: '1', POD_NAME: 'metadata.name' });
  });

  test('interception mode NONE captures nothing', () => {
    const pod = injectSidecar({ ...template, metadata: { annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' } } }, options);
    expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual(['istio-proxy', 'migrate']);
    expect(environmentOf(pod).ISTIO_META_INTERCEPTION_MODE).toBe('NONE');
  });

  test('annotations of the pod win over options', () => {
    const annotations = {
      'sidecar.istio.io/proxyImage': 'example/proxy:2',
      'sidecar.istio.io/logLevel': 'debug',
      'sidecar.istio.io/proxyCPU': '50m',
      'sidecar.istio.io/proxyMemoryLimit': '64Mi',
    };
    const proxy = proxyOf(injectSidecar({ ...template, metadata: { annotations } }, { ...options, image: 'example/proxy:1', logLevel: 'info' }));
    expect(proxy.image).toBe('example/proxy:2');
    expect(proxy.args).toContain('--proxyLogLevel=debug');
    expect(proxy.resources).toEqual({ requests: { cpu: '50m' }, limits: { memory: '64Mi' } });
  });

  test('canonical labels follow app.kubernetes.io, then the workload', () => {
    const labels = (own: Record<string, string>) => injectSidecar({ metadata: { labels: own }, spec: { containers: [] } }, options).metadata?.labels;
    expect(labels({ 'app.kubernetes.io/name': 'a', 'app': 'b', 'app.kubernetes.io/version': '2' }))
      .toMatchObject({ 'service.istio.io/canonical-name': 'a', 'service.istio.io/canonical-revision': '2' });
    expect(labels({})).toEqual({ 'security.istio.io/tlsMode': 'istio', 'service.istio.io/canonical-name': 'reviews-v1', 'service.istio.io/canonical-revision': 'latest' });
  });
});

test('the agent finds its token, the roots and a folder for its socket where Istio has them', () => {
  const pod = injectSidecar(template, options);
  expect(proxyOf(pod).volumeMounts).toEqual(expect.arrayContaining([
    { mountPath: '/var/run/secrets/tokens', name: 'istio-token' },
    { mountPath: '/var/run/secrets/istio', name: 'istiod-ca-cert' },
    { mountPath: '/var/run/secrets/workload-spiffe-uds', name: 'workload-socket' },
  ]));
  expect(pod.spec?.volumes).toEqual(expect.arrayContaining([
    { name: 'istio-token', projected: { sources: [{ serviceAccountToken: { audience: 'istio-ca', expirationSeconds: 43200, path: 'istio-token' } }] } },
    { name: 'istiod-ca-cert', configMap: { name: 'istio-ca-root-cert' } },
  ]));
});

describe('probes', () => {
  const container = {
    name: 'app', image: 'example/app:1', ports: [{ name: 'web', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/ready', port: 'web', scheme: 'HTTPS', httpHeaders: [{ name: 'x-who', value: 'kubelet' }] }, periodSeconds: 5, timeoutSeconds: 2 },
    livenessProbe: { tcpSocket: { port: 8080 }, failureThreshold: 7 },
    startupProbe: { grpc: { port: 9000, service: 'shop.Orders' } },
    lifecycle: { preStop: { httpGet: { path: '/bye', port: 8080 } }, postStart: { exec: { command: ['true'] } } },
  };
  const withProbes = (annotations: Record<string, string> = {}, own: SidecarContainer = container) =>
    injectSidecar({ metadata: { annotations }, spec: { containers: [own] } }, options);

  test('are asked of the agent, which knows what they were', () => {
    const pod = withProbes();
    expect(pod.spec?.containers?.[0]).toEqual({
      ...container,
      readinessProbe: {
        httpGet: { path: '/app-health/app/readyz', port: 15020, scheme: 'HTTP', httpHeaders: [{ name: 'x-who', value: 'kubelet' }] }, periodSeconds: 5, timeoutSeconds: 2,
      },
      livenessProbe: { httpGet: { path: '/app-health/app/livez', port: 15020 }, failureThreshold: 7 },
      startupProbe: { httpGet: { path: '/app-health/app/startupz', port: 15020 } },
      lifecycle: { preStop: { httpGet: { path: '/app-lifecycle/app/prestopz', port: 15020 } }, postStart: { exec: { command: ['true'] } } },
    });
    expect(JSON.parse(String(environmentOf(pod).ISTIO_KUBE_APP_PROBERS))).toEqual({
      '/app-health/app/livez': { tcpSocket: { port: 8080 } },
      '/app-health/app/readyz': { httpGet: { path: '/ready', port: 8080, scheme: 'HTTPS', httpHeaders: [{ name: 'x-who', value: 'kubelet' }] }, timeoutSeconds: 2 },
      '/app-health/app/startupz': { grpc: { port: 9000, service: 'shop.Orders' } },
      '/app-lifecycle/app/prestopz': { httpGet: { path: '/bye', port: 8080 } },
    });
  });

  test('stay where the pod says so', () => {
    const pod = withProbes({ 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' });
    expect(pod.spec?.containers).toEqual([container]);
    expect(environmentOf(pod)).not.toHaveProperty('ISTIO_KUBE_APP_PROBERS');
  });

  test('go to the port that the pod chose for its agent', () => {
    expect(withProbes({ 'status.sidecar.istio.io/port': '15999' }).spec?.containers?.[0]?.livenessProbe).toMatchObject({ httpGet: { port: 15999 } });
  });

  test('run by a program, or of a port that nobody knows, or sent to the agent already, stay as they are', () => {
    const own = {
      name: 'app', readinessProbe: { exec: { command: ['true'] } }, livenessProbe: { httpGet: { port: 'nowhere' } },
      startupProbe: { httpGet: { path: '/app-health/app/startupz', port: 15020 } },
    };
    expect(withProbes({}, own).spec?.containers).toEqual([own]);
  });
});

test.each([
  [{ includeInboundPorts: '' }, ['-b', '']],
  [{ includeInboundPorts: '80,9080' }, ['-b', '80,9080']],
  [{ excludeInboundPorts: '9999' }, ['-d', '15090,15021,9999,15020']],
  [{ includeOutboundIPRanges: '10.0.0.0/8' }, ['-i', '10.0.0.0/8']],
  [{ excludeOutboundIPRanges: '10.1.0.0/16' }, ['-x', '10.1.0.0/16']],
  [{ includeOutboundPorts: '3306' }, ['-q', '3306']],
  [{ excludeOutboundPorts: '3306' }, ['-o', '3306']],
  [{ excludeInterfaces: 'eth1' }, ['-c', 'eth1']],
])('captureArguments(%j) has %j', (traffic, [flag, value]) => {
  const annotations = Object.fromEntries(Object.entries(traffic).map(([name, text]) => [`traffic.sidecar.istio.io/${name}`, text]));
  const capture = captureArguments(annotations);
  expect(capture[capture.indexOf(flag) + 1]).toBe(value);
});

describe('injectGateway', () => {
  const gateway: SidecarPodTemplate = {
    metadata: { labels: { app: 'edge', istio: 'edge' } },
    spec: { containers: [{ name: 'istio-proxy', image: 'auto', ports: [{ containerPort: 8080, name: 'http' }] }] },
  };

  test('one container, a router, that may listen on low ports and captures nothing', () => {
    const pod = injectGateway(gateway, options);
    expect(pod.spec?.initContainers).toBeUndefined();
    expect(pod.spec?.containers?.map(({ name }) => name)).toEqual(['istio-proxy']);
    expect((proxyOf(pod).args as string[]).slice(0, 2)).toEqual(['agent', 'router']);
    expect(proxyOf(pod).ports).toEqual([
      { containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }, { containerPort: 8080, name: 'http' },
    ]);
    expect(proxyOf(pod).restartPolicy).toBeUndefined();
    expect(pod.spec?.securityContext).toEqual({ sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] });
  });

  test('twice is once, and an empty pod gets the container', () => {
    const once = injectGateway({ spec: { containers: [] } }, options);
    expect(injectGateway(once, options)).toBe(once);
    expect(proxyOf(once).image).toBe(RUNTIME_IMAGE);
  });
});

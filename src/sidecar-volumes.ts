/** The volumes of the proxy's container, as Istio's injector adds them: its writable folders, the pod's labels and annotations, and its identity. */
export const VOLUMES: readonly { readonly name: string; readonly [field: string]: unknown }[] = [
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

import type { Resource } from '../../src/model/resource';
import { resourcesOf } from '../../src/model/snapshot';
import type { Snapshot } from '../../src/model/snapshot';
import type { EndpointSlice, Pod } from '../../src/kubernetes';
import { Cluster, type SourceObject } from '../../src/source';

export function resource(apiVersion: string, kind: string, name: string, more: object = {}): Resource {
  return { apiVersion, kind, metadata: { name, namespace: kind === 'Namespace' ? '' : 'default' }, ...more };
}

export function service(name: string, spec: object = {}): Resource {
  return resource('v1', 'Service', name, { spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }], ...spec } });
}

export function deployment(name: string, replicas = 1, { labels = {}, spec = {} }: { labels?: Record<string, string>; spec?: object } = {}): Resource {
  const all = { app: name, ...labels };
  return resource('apps/v1', 'Deployment', name, {
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: all }, spec: { containers: [{ name: 'app', image: 'example/app:1', ports: [{ name: 'web', containerPort: 8080 }] }], ...spec } },
    },
  });
}

export const objects = (...resources: readonly Resource[]): SourceObject[] => resources.map((one) => ({ resource: one }));

export const pods = (snapshot: Snapshot): Pod[] => [...resourcesOf(snapshot, '/Pod').values()] as Pod[];

export const slices = (snapshot: Snapshot): EndpointSlice[] => [...resourcesOf(snapshot, 'discovery.k8s.io/EndpointSlice').values()] as EndpointSlice[];

export function endpoints(snapshot: Snapshot, name: string): { address: string; ready: boolean | undefined }[] {
  return slices(snapshot).filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap((slice) => slice.endpoints ?? []).map(({ addresses, conditions }) => ({ address: addresses[0], ready: conditions?.ready }));
}

/** A cluster that holds these objects. */
export function world(...resources: Resource[]): Cluster {
  const cluster = new Cluster();
  cluster.replace(objects(...resources));
  return cluster;
}

/** Of its pods. */
export const names = (cluster: Cluster): string[] => pods(cluster.snapshot()).map(({ metadata }) => metadata.name);

export const messages = (cluster: Cluster): string[] => cluster.problems().map(({ path, message }) => `${path}: ${message}`);

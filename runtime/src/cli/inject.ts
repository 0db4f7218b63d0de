import { dump } from 'js-yaml';

import { Injector } from '../inject';
import type { PodSpec, Workload } from '../kubernetes';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { groupKind } from '../model/snapshot';
import { readFiles } from '../source';
import { formatProblem } from './problem-text';
import { trustDomainOf } from './trust-domain';

/** The kinds that have a pod template. */
const WORKLOADS: ReadonlySet<string> = new Set(['apps/Deployment', 'apps/ReplicaSet', 'apps/StatefulSet', 'apps/DaemonSet', 'batch/Job']);

/** `mesh inject`: the objects of files as the webhook would make them. */
export async function inject(files: readonly string[]): Promise<number> {
  const { objects, problems } = await readFiles(files);
  const found: Problem[] = [...problems];
  const namespaces = new Map(objects.filter(({ resource }) => resource.kind === 'Namespace').map(({ resource }) => [resource.metadata.name, resource.metadata.labels]));
  const injector = new Injector({ sidecar: { trustDomain: trustDomainOf(objects) } });
  const printed = objects.map(({ resource }) => {
    const labels = namespaces.get(resource.metadata.namespace);
    const injected = injectObject(resource, injector, { name: resource.metadata.namespace, ...(labels ? { labels } : {}) });
    found.push(...injected.problems);
    return dump(injected.resource, { lineWidth: -1, noRefs: true });
  });
  found.forEach((problem) => process.stderr.write(`${formatProblem(problem)}\n`));
  process.stdout.write(printed.join('---\n'));
  return problems.length > 0 ? 1 : 0;
}

type Namespace = Parameters<Injector['inject']>[2];

function injectObject(resource: Resource, injector: Injector, namespace: Namespace): { readonly resource: Resource; readonly problems: readonly Problem[] } {
  const { apiVersion, kind, metadata, spec } = resource;
  const workload = { apiVersion, kind, name: metadata.name };
  if (WORKLOADS.has(groupKind(apiVersion, kind)) && (spec as Workload['spec'])?.template) {
    const { template, problems } = injector.inject((resource as Workload).spec!.template, workload, namespace);
    return { resource: { ...resource, spec: { ...spec as object, template } }, problems };
  }
  if (kind === 'Pod' && apiVersion === 'v1') {
    const { labels = {}, annotations = {} } = metadata;
    const { template, problems } = injector.inject({ metadata: { labels, annotations }, spec: spec as PodSpec }, workload, namespace);
    return { resource: { ...resource, metadata: { ...metadata, ...template.metadata }, spec: template.spec }, problems };
  }
  return { resource, problems: [] };
}

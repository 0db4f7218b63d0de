import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';

const CHECKED_GROUPS = /^(networking|security|telemetry|extensions)\.istio\.io\/|^gateway\.networking\.k8s\.io\//;
const SHARED_KINDS = new Set(['Namespace', 'Service', 'ServiceAccount', 'Deployment']);

/** What is in an App. */
export interface Survey {
  readonly constructs: readonly IConstruct[];
  readonly objects: readonly ApiObject[];
  /** Those whose fields we know. */
  readonly checked: readonly ApiObject[];
  /** What is wrong with objects of which one would overwrite the other. */
  readonly twins: string[];
}

export function surveyOf(constructs: readonly IConstruct[]): Survey {
  const objects = constructs.filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
  const checked = objects.filter(({ apiVersion, kind }) => CHECKED_GROUPS.test(apiVersion) || (kind === 'Ingress' && apiVersion.startsWith('networking.k8s.io/')));
  return { constructs, objects, checked, twins: twins(objects) };
}

/** Whether two lists are of the very same things. */
export function sameItems(first: readonly unknown[], second: readonly unknown[]): boolean {
  return first.length === second.length && first.every((item, index) => item === second[index]);
}

/** Objects of which one would overwrite the other in the cluster. */
function twins(objects: readonly ApiObject[]): string[] {
  const first = new Map<string, ApiObject>();
  return objects.filter(({ kind, apiVersion }) => SHARED_KINDS.has(kind) || CHECKED_GROUPS.test(apiVersion)).flatMap((object) => {
    const { kind, apiGroup, name, metadata, node } = object;
    const key = `${apiGroup}/${kind} ${kind === 'Namespace' ? '' : metadata.namespace} ${name}`;
    const twin = first.get(key);
    first.set(key, twin ?? object);
    const fix = kind === 'Namespace' ? 'leave it to the mesh, or give the Mesh createNamespaces: false' : 'give one of them another name or namespace';
    return twin === undefined ? [] : [`${node.path} and ${twin.node.path} both write ${kind} ${name}: ${fix}`];
  });
}

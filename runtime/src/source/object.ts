import { isRecord } from '../model/parsed-value';
import type { Problem, ResourceRef } from '../model/problem';
import type { Resource } from '../model/resource';
import { groupKind, resourceKey } from '../model/snapshot';

/** Where an object was written. */
export interface Origin {
  /** The file as the user named it, or `standard input` and the like. */
  readonly file: string;
  /** The first line of the object, from 1. */
  readonly line: number;
  /** The nearest folder above the file that holds a `cdk8s.yaml`, else the file's own folder: commands of containers run there. */
  readonly folder: string;
}

/** An object as a source found it, and where. */
export interface SourceObject {
  readonly resource: Resource;
  readonly origin?: Origin;
}

/** Kinds without a namespace, of those that people apply together with a mesh. */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  '/Namespace', '/Node', '/PersistentVolume', 'rbac.authorization.k8s.io/ClusterRole', 'rbac.authorization.k8s.io/ClusterRoleBinding',
  'apiextensions.k8s.io/CustomResourceDefinition', 'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration', 'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding', 'storage.k8s.io/StorageClass', 'scheduling.k8s.io/PriorityClass',
  'apiregistration.k8s.io/APIService', 'gateway.networking.k8s.io/GatewayClass', 'networking.k8s.io/IngressClass',
]);

/** What `istioctl install` reads: it never reaches a cluster, so people leave its name out. */
export const OPERATOR = 'IstioOperator';

const MAX_NODES = 200_000;
const MAX_DEPTH = 100;

const identities = new WeakMap<Resource, string>();

/** One object of the API server: group, kind, namespace and name. */
export function identity(resource: Resource): string {
  let text = identities.get(resource);
  if (text === undefined) {
    text = `${groupKind(resource.apiVersion, resource.kind)}/${resourceKey(resource.metadata.namespace, resource.metadata.name)}`;
    identities.set(resource, text);
  }
  return text;
}

/** A parsed value as an object of the Kubernetes API, or what is wrong with it. */
export function parseObject(value: unknown, ref: ResourceRef): Resource | Problem {
  const problem = (message: string, path = ''): Problem => ({ resource: ref, path, message });
  if (!isRecord(value)) return problem(`expected an object of Kubernetes, got ${Array.isArray(value) ? 'a list' : typeof value}`);
  const { apiVersion, kind } = value;
  const metadata = kind === OPERATOR && isRecord(value.metadata ?? {}) ? { name: 'istio', namespace: 'istio-system', ...value.metadata as object } : value.metadata;
  if (typeof apiVersion !== 'string' || apiVersion === '') return problem('apiVersion is missing: give it, as in `apiVersion: networking.istio.io/v1`', 'apiVersion');
  if (typeof kind !== 'string' || kind === '') return problem('kind is missing: give it, as in `kind: VirtualService`', 'kind');
  if (!isRecord(metadata) || typeof metadata.name !== 'string' || metadata.name === '') return problem(`metadata.name of this ${kind} is missing`, 'metadata.name');
  if (metadata.namespace != null && typeof metadata.namespace !== 'string') return problem(`metadata.namespace of this ${kind} must be text`, 'metadata.namespace');
  const large = tooLarge(value);
  if (large) return problem(large);
  const scoped = !CLUSTER_SCOPED.has(groupKind(apiVersion, kind));
  const namespace = scoped ? metadata.namespace || 'default' : '';
  return { ...value, apiVersion, kind, metadata: { ...metadata, name: metadata.name, namespace } } as Resource;
}

/** YAML's aliases make a small text a huge object, or an endless one: what is too big is not looked at any further. */
function tooLarge(value: unknown): string | undefined {
  let nodes = 0;
  const walk = (node: unknown, depth: number): boolean => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) return false;
    return typeof node !== 'object' || node === null || Object.values(node).every((child) => walk(child, depth + 1));
  };
  return walk(value, 0) ? undefined : `is too large: at most ${MAX_NODES} values and ${MAX_DEPTH} levels, aliases counted where they are used`;
}

import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import type { SidecarPodTemplate, SidecarWorkload } from '../sidecar';
import { isPlain, merge, type Plain } from './merge';

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'];

interface Adoption {
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly namespace: string;
  /** Annotations for the first container, by its name. */
  readonly annotations: (container: string) => Readonly<Record<string, string>>;
  readonly inject: (template: SidecarPodTemplate, workload: SidecarWorkload) => SidecarPodTemplate;
}

/**
 * Makes an existing workload part of the mesh: when it is printed, its pods get labels, identity and the proxy. The L1 classes of cdk8s-plus
 * print only the fields that their release of Kubernetes knows, native sidecars not among them, so what they drop is put back and the proxy
 * is added to what they print.
 */
export function adoptWorkload(service: IConstruct, workload: IConstruct, adoption: Adoption): void {
  const object = apiObjectOf(service, workload);
  const print = object.toJson.bind(object);
  object.toJson = () => adopted(object, restore(print(), ApiObject.prototype.toJson.call(object)) as Plain, adoption);
}

/** The labels that the pods of an existing workload have. */
function apiObjectOf(service: IConstruct, workload: IConstruct): ApiObject {
  const object = workload instanceof ApiObject ? workload : workload.node.defaultChild;
  if (!(object instanceof ApiObject) || !KINDS.includes(object.kind)) {
    throw new MeshError({
      construct: service,
      code: 'unsupported-workload',
      problem: `${workload.node.path} is no workload with a pod template`,
      fix: `give a cdk8s-plus workload or an ApiObject of kind ${KINDS.join(', ')}`,
    });
  }
  return object;
}

function adopted(object: ApiObject, json: Plain, adoption: Adoption): Plain {
  const spec = (json.spec ?? {}) as Plain;
  const template = (spec.template ?? {}) as SidecarPodTemplate;
  const pod = (template.spec ?? {}) as Plain;
  const container = template.spec?.containers?.[0]?.name ?? '';
  const metadata = merge({ ...template.metadata }, { labels: adoption.labels, annotations: adoption.annotations(container) });
  const joined = {
    ...template,
    metadata: Object.keys(metadata.annotations ?? {}).length > 0 ? metadata : { ...metadata, annotations: template.metadata?.annotations },
    spec: { ...pod, serviceAccountName: pod.serviceAccountName ?? adoption.serviceAccount },
  } as SidecarPodTemplate;
  const workload = { apiVersion: object.apiVersion, kind: object.kind, name: object.name, namespace: adoption.namespace };
  return { ...json, spec: { ...spec, template: withoutUndefined(adoption.inject(joined, workload)) } };
}

/** What a class printed, plus the fields that it left out. */
function restore(printed: unknown, complete: unknown): unknown {
  if (Array.isArray(printed) && Array.isArray(complete)) {
    return complete.map((item, index) => (index < printed.length ? restore(printed[index], item) : unwrap(item)));
  }
  if (!isPlain(printed) || !isPlain(complete)) {
    return printed;
  }
  const restored = new Map(Object.entries(printed));
  for (const [key, value] of Object.entries(complete)) {
    restored.set(key, restored.has(key) ? restore(restored.get(key), value) : unwrap(value));
  }
  return Object.fromEntries(restored);
}

/** cdk8s keeps number-or-text values as `{ value }` until a class prints them; a Map in a patch is never one. */
function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(unwrap);
  }
  if (!isPlain(value)) {
    return value;
  }
  const fields = Object.entries(value);
  if (fields.length === 1 && fields[0][0] === 'value' && !isPlain(fields[0][1])) {
    return fields[0][1];
  }
  return Object.fromEntries(fields.map(([key, child]) => [key, unwrap(child)]));
}

function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

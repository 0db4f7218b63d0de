import { ApiObject, JsonPatch } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import type { SidecarPodTemplate, SidecarWorkload } from '../sidecar';
import { isPlain, type Plain } from './merge';

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'];

interface Adoption {
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly namespace: string;
  /** Annotations about a container, by its name. */
  readonly annotations: (container: string) => Readonly<Record<string, string>>;
  readonly inject: (template: SidecarPodTemplate, workload: SidecarWorkload) => SidecarPodTemplate;
}

/**
 * Makes an existing workload part of the mesh: when it is printed, its pods get labels, identity and the proxy. The L1 classes of cdk8s-plus
 * print only the fields that their release of Kubernetes knows, native sidecars not among them, so what they drop is put back first.
 */
export function adoptWorkload(service: IConstruct, workload: IConstruct, adoption: Adoption): void {
  const object = apiObjectOf(service, workload);
  const print = object.toJson.bind(object);
  object.toJson = () => adopted(object, printAll(object, print), adoption);
  service.node.addValidation({ validate: () => foreignLabels(workload, printAll(object, print), adoption) });
}

/** The account that the pods of a workload run as already, if it says so. */
export function accountOfWorkload(service: IConstruct, workload: IConstruct): string | undefined {
  const object = apiObjectOf(service, workload);
  return (templateOf(ApiObject.prototype.toJson.call(object) as Plain).spec as Plain | undefined)?.serviceAccountName as string | undefined;
}

function apiObjectOf(service: IConstruct, workload: IConstruct): ApiObject {
  const object = ApiObject.isApiObject(workload) ? workload : workload?.node?.defaultChild;
  if (!ApiObject.isApiObject(object) || !KINDS.includes(object.kind)) {
    throw new MeshError({
      construct: service,
      code: 'unsupported-workload',
      problem: `${workload?.node?.path ?? String(workload)} is no workload with a pod template`,
      fix: `give a cdk8s-plus workload or an ApiObject of kind ${KINDS.join(', ')}`,
    });
  }
  return object;
}

/** The pods cannot be part of the service if they carry its labels with other values, and their workload may select them by those. */
function foreignLabels(workload: IConstruct, json: Plain, { labels }: Adoption): string[] {
  const own = templateOf(json).metadata?.labels ?? {};
  return Object.entries(labels).filter(([name, value]) => (own[name] ?? value) !== value).map(([name, value]) =>
    `the pods of ${workload.node.path} have the label ${name}=${own[name]}, but the mesh needs ${name}=${value}; `
    + 'call the service or the version so, or use MeshService.fromSelector');
}

function adopted(object: ApiObject, json: Plain, adoption: Adoption): Plain {
  const { labels, annotations, serviceAccount, namespace, inject } = adoption;
  const template = templateOf(json);
  const pod = (template.spec ?? {}) as Plain;
  const notes = { ...annotations(template.spec?.containers?.[0]?.name ?? ''), ...template.metadata?.annotations };
  const joined: SidecarPodTemplate = {
    ...template,
    metadata: {
      ...template.metadata,
      labels: { ...labels, ...template.metadata?.labels },
      ...(Object.keys(notes).length > 0 && { annotations: notes }),
    },
    spec: { ...pod, serviceAccountName: (pod.serviceAccountName as string | undefined) ?? serviceAccount },
  };
  const injected = inject(joined, { apiVersion: object.apiVersion, kind: object.kind, name: object.name, namespace });
  return { ...json, spec: { ...json.spec as Plain, template: JSON.parse(JSON.stringify(injected)) as unknown } };
}

function templateOf(json: Plain): SidecarPodTemplate {
  return ((json.spec as Plain | undefined)?.template ?? {}) as SidecarPodTemplate;
}

/** What an object's class prints, with the fields that it drops, those of JSON patches included. */
function printAll(object: ApiObject, print: () => unknown): Plain {
  const patches = (Reflect.get(object, 'patches') as JsonPatch[] | undefined) ?? [];
  const plain = withoutPatches(object, () => restore(print(), ApiObject.prototype.toJson.call(object)));
  try {
    return JsonPatch.apply(plain, ...patches) as Plain;
  } catch {
    // The patch speaks of a field by the name that it has before the class prints it.
    return restore(print(), plain) as Plain;
  }
}

function withoutPatches<T>(object: ApiObject, run: () => T): T {
  const patches: unknown = Reflect.get(object, 'patches');
  Reflect.set(object, 'patches', []);
  try {
    return run();
  } finally {
    Reflect.set(object, 'patches', patches);
  }
}

/** What was printed, plus what is there otherwise. Classes print some names in other case: `setHostnameAsFqdn` as `setHostnameAsFQDN`. */
function restore(printed: unknown, complete: unknown): unknown {
  if (Array.isArray(printed) && Array.isArray(complete)) {
    return printed.map((item, index) => restore(item, complete[index]));
  }
  if (!isPlain(printed) || !isPlain(complete)) {
    return printed;
  }
  const restored = new Map(Object.entries(printed));
  const names = new Map(Object.keys(printed).map((name) => [name.toLowerCase(), name]));
  for (const [key, value] of Object.entries(complete)) {
    const name = names.get(key.toLowerCase()) ?? key;
    restored.set(name, restored.has(name) ? restore(restored.get(name), value) : unwrap(value));
  }
  return Object.fromEntries(restored);
}

/** cdk8s holds a value that is a number or a text as `{ value }` until a class prints it. */
function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(unwrap);
  }
  if (!isPlain(value)) {
    return value;
  }
  const fields = Object.entries(value);
  return fields.length === 1 && fields[0][0] === 'value' && !isPlain(fields[0][1])
    ? fields[0][1]
    : Object.fromEntries(fields.map(([key, child]) => [key, unwrap(child)]));
}

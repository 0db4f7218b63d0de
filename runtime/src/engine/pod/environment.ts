import type { ConfigMap, Container, EnvVar, Pod, Secret } from '../../kubernetes';
import { resourceKey, resourcesOf, type Snapshot } from '../../model/snapshot';

interface EnvSource {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name?: string };
  readonly secretRef?: { readonly name?: string };
}

/** The environment of a container as the kubelet would make it: `envFrom`, then `env`, with `$(NAME)` replaced. */
export function containerEnvironment(container: Container, pod: Pod, snapshot: Snapshot): Record<string, string> {
  const lookup = new Lookup(pod, snapshot);
  const env: Record<string, string> = { HOSTNAME: pod.metadata.name };
  for (const source of (container.envFrom ?? []) as readonly EnvSource[]) {
    for (const [name, value] of Object.entries(lookup.all(source))) {
      env[(source.prefix ?? '') + name] = value;
    }
  }
  for (const variable of container.env ?? []) {
    const value = lookup.valueOf(variable);
    if (value !== undefined) {
      env[variable.name] = expand(value, env);
    }
  }
  return env;
}

/** `$(NAME)` becomes the variable's value, `$$(NAME)` stays `$(NAME)`; unknown names stay as they are (Kubernetes' rule). */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) {
      return '$';
    }
    return Object.hasOwn(env, name) ? env[name] as string : whole;
  });
}

/** A field of the pod as the downward API gives it: `metadata.name`, `metadata.labels['app']`, `status.podIP` … */
function downwardField(pod: Pod, fieldPath: string): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (keyed) {
    return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] as string] ?? '';
  }
  const fields: Readonly<Record<string, () => string | undefined>> = {
    'metadata.name': () => pod.metadata.name,
    'metadata.namespace': () => pod.metadata.namespace,
    'metadata.uid': () => pod.metadata.uid,
    'metadata.labels': () => downwardMap(pod.metadata.labels),
    'metadata.annotations': () => downwardMap(pod.metadata.annotations),
    'spec.nodeName': () => pod.spec.nodeName ?? 'local',
    'spec.serviceAccountName': () => pod.spec.serviceAccountName ?? 'default',
    'status.podIP': () => pod.status.podIP,
    'status.podIPs': () => pod.status.podIPs.map(({ ip }) => ip).join(','),
    'status.hostIP': () => pod.status.hostIP,
    'status.hostIPs': () => pod.status.hostIP,
  };
  return Object.hasOwn(fields, fieldPath) ? fields[fieldPath]?.() : undefined;
}

/** The format of downward API volumes: one `key="value"` per line, quoted as Go does, in the order of the keys. */
export function downwardMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map).sort().map((name) => `${name}=${JSON.stringify(map[name])}`).join('\n');
}

class Lookup {
  public constructor(private readonly pod: Pod, private readonly snapshot: Snapshot) {}

  public valueOf({ value, valueFrom }: EnvVar): string | undefined {
    if (valueFrom?.fieldRef) {
      return downwardField(this.pod, valueFrom.fieldRef.fieldPath);
    }
    if (valueFrom?.configMapKeyRef) {
      return this.configMap(valueFrom.configMapKeyRef.name)[valueFrom.configMapKeyRef.key];
    }
    if (valueFrom?.secretKeyRef) {
      return this.secret(valueFrom.secretKeyRef.name)[valueFrom.secretKeyRef.key];
    }
    return value ?? (valueFrom ? undefined : '');
  }

  public all(source: EnvSource): Readonly<Record<string, string>> {
    return source.configMapRef ? this.configMap(source.configMapRef.name) : this.secret(source.secretRef?.name);
  }

  private configMap(name = ''): Readonly<Record<string, string>> {
    return this.find<ConfigMap>('/ConfigMap', name)?.data ?? {};
  }

  private secret(name = ''): Readonly<Record<string, string>> {
    const secret = this.find<Secret>('/Secret', name);
    const decoded = Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
    return { ...Object.fromEntries(decoded), ...secret?.stringData };
  }

  private find<T>(kind: string, name: string): T | undefined {
    return resourcesOf(this.snapshot, kind).get(resourceKey(this.pod.metadata.namespace, name)) as T | undefined;
  }
}

import { textOf } from '../model/parsed-value';
import type { Proxy } from '../model/proxy';

/** A node as Envoy sends it, metadata as plain JSON. */
export interface NodeInfo {
  readonly id: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** `sidecar~10.244.0.7~reviews-v1-0.bookinfo~bookinfo.svc.cluster.local` and its metadata; a sentence where it is none of ours. */
export function parseNode(node: NodeInfo): Proxy | string {
  const [type, address, instance, domain, ...rest] = node.id.split('~');
  if ((type !== 'sidecar' && type !== 'router') || !address || !instance || domain === undefined || rest.length > 0) {
    return `node id '${node.id}' is not of the form sidecar~<address>~<pod>.<namespace>~<namespace>.svc.cluster.local (or router~…)`;
  }
  const metadata = node.metadata ?? {};
  const dot = instance.lastIndexOf('.');
  const namespace = textOf(metadata.NAMESPACE) ?? (dot < 0 ? domain.split('.', 1)[0] : instance.slice(dot + 1));
  return {
    id: node.id,
    type,
    addresses: [...new Set([address, ...(textOf(metadata.INSTANCE_IPS)?.split(',') ?? [])])],
    name: dot < 0 ? instance : instance.slice(0, dot),
    namespace,
    labels: labelsOf(metadata.LABELS),
    serviceAccount: textOf(metadata.SERVICE_ACCOUNT) ?? 'default',
    metadata,
  };
}

function labelsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) {
    return {};
  }
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

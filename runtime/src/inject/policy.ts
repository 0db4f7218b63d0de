import type { PodTemplate } from '../kubernetes';

type Labels = Readonly<Record<string, string>>;

/** What to do with pods whose namespace and labels say nothing. */
export interface InjectionPolicy {
  /** False: no pod is injected, whatever it says. */
  readonly enabled: boolean;
  /** Istio's `enableNamespacesByDefault`: true on one machine, false in Istio's own installation. */
  readonly namespacesByDefault: boolean;
}

/** `mesh up`: every pod that does not refuse. */
export const LOCAL_POLICY: InjectionPolicy = { enabled: true, namespacesByDefault: true };

export type InjectionDecision = { readonly inject: true } | { readonly inject: false; readonly reason: string };

/** Namespaces of the system: Istio's webhook never injects there. */
const NEVER: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);
/** Where the control plane stands only pods that ask for it are injected: gateways do. */
const CONTROL_PLANE = 'istio-system';

/**
 * Whether the webhook would inject the pod. As in Istio: "disabled" on the namespace or the pod wins, then "enabled" on either, then the
 * default. The pod's label counts before the annotation of the same name, which is its deprecated form.
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function decideInjection(template: PodTemplate, namespace: { name: string; labels?: Labels }, policy: InjectionPolicy): InjectionDecision {
  const no = (reason: string): InjectionDecision => ({ inject: false, reason });
  if (!policy.enabled) return no('injection is switched off');
  if (template.spec.hostNetwork) return no('the pod uses the network of its host');
  if (NEVER.has(namespace.name)) return no(`nothing is injected in ${namespace.name}`);
  const pod = podChoice(template);
  const group = namespaceChoice(namespace.labels ?? {});
  if (group === false) return no(`namespace ${namespace.name} has istio-injection: disabled`);
  if (pod === false) return no('the pod has sidecar.istio.io/inject: "false"');
  if (pod || group) return { inject: true };
  if (namespace.name === CONTROL_PLANE) return no(`pods in ${CONTROL_PLANE} are injected only if they ask for it`);
  return policy.namespacesByDefault ? { inject: true } : no('neither the namespace nor the pod asks for it');
}

function podChoice({ metadata }: PodTemplate): boolean | undefined {
  const name = 'sidecar.istio.io/inject';
  const said = metadata?.labels?.[name] ?? metadata?.annotations?.[name];
  if (said === undefined || said === '') return metadata?.labels?.['istio.io/rev'] ? true : undefined;
  // The webhook takes the words of YAML 1.1 for true; every other word means no.
  return ['y', 'yes', 'true', 'on'].includes(said.toLowerCase());
}

function namespaceChoice(labels: Labels): boolean | undefined {
  if (labels['istio-injection'] === 'disabled') return false;
  return labels['istio-injection'] === 'enabled' || Boolean(labels['istio.io/rev']) || undefined;
}

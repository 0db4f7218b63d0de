/** Groups of the Kubernetes API all of whose kinds are idle. */
const IDLE_GROUPS: ReadonlySet<string> = new Set([
  // Who may use the API, and how much of it.
  'rbac.authorization.k8s.io', 'flowcontrol.apiserver.k8s.io', 'certificates.k8s.io',
  // How many pods there shall be, and where.
  'autoscaling', 'policy', 'scheduling.k8s.io', 'node.k8s.io',
  // What there is to store, to extend the API, and to remember.
  'storage.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'coordination.k8s.io', 'events.k8s.io',
]);

const IDLE_KINDS: ReadonlySet<string> = new Set([
  '/Event', '/LimitRange', '/PersistentVolume', '/PersistentVolumeClaim', '/ResourceQuota', 'apps/ControllerRevision',
  // Istio's own check what is applied and put proxies into pods: both are done here.
  'admissionregistration.k8s.io/MutatingWebhookConfiguration', 'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
]);

/**
 * Whether a kind, as `group/Kind`, decides nothing about the traffic of a mesh on one machine. Such kinds stand in everybody's manifests, ours
 * among them, and are passed over without a word; those that somebody may miss are told.
 */
export function isIdle(groupKind: string): boolean {
  return IDLE_GROUPS.has(groupKind.slice(0, groupKind.indexOf('/'))) || IDLE_KINDS.has(groupKind);
}

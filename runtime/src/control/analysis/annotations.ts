import { UNSUPPORTED_ANNOTATIONS } from '../../features/unsupported-annotations';
import type { WorkloadSpec } from '../../kubernetes';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import { KindAnalysis } from './analysis';
import { Findings } from './findings';
import type { AnnotatedKind } from './known-annotations';
import { KNOWN_ANNOTATIONS } from './known-annotations';

/** Whose annotations are looked at: those of `istioctl analyze`, and what makes pods as a Deployment does. */
const KINDS = {
  namespaces: '/Namespace', services: '/Service', pods: '/Pod', deployments: 'apps/Deployment', statefulSets: 'apps/StatefulSet', daemonSets: 'apps/DaemonSet', jobs: 'batch/Job',
} as const;

type Kind = keyof typeof KINDS;
type Texts = Readonly<Record<string, string>>;

const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);
/** Where Istio knows all words. Other domains below istio.io belong to its installer and to its add-ons. */
const DOMAINS: ReadonlySet<string> = new Set([...KNOWN_ANNOTATIONS.keys()].map(domainOf));
const TEMPLATE = 'spec.template.metadata';
const INJECT = 'sidecar.istio.io/inject';

/**
 * Annotations that nobody looks at: unknown ones, those that are not handled, and those on an object of another kind. Most often they stand on the Deployment instead of its pods.
 * IST0107 and IST0108 of `istioctl analyze` (pkg/config/analysis/analyzers/annotations/annotations.go), and the label of the injection.
 */
export class Annotations extends KindAnalysis<Kind> {
  public constructor() {
    const names = Object.keys(KINDS) as Kind[];
    const findings = names.map((name) => [name, new Findings((object) => asFound(check(object)))] as const);
    super(KINDS, (world) => findings.flatMap(([name, finding]) => finding.of(world[name], {}).flat()));
  }
}

function asFound(problems: readonly Problem[]): readonly Problem[] | undefined {
  return problems.length > 0 ? problems : undefined;
}

function check(object: Resource): Problem[] {
  const { kind, metadata } = object;
  // What makes pods tells of theirs; what a controller made for a Gateway has all that the Gateway wants to have on it.
  if ((metadata as { ownerReferences?: readonly unknown[] }).ownerReferences?.length) return [];
  const template = WORKLOADS.has(kind) ? (object.spec as Partial<WorkloadSpec> | undefined)?.template?.metadata : undefined;
  return [
    ...checkAnnotations(object, { annotations: metadata.annotations, kind: kind as AnnotatedKind, path: 'metadata.annotations' }),
    ...checkAnnotations(object, { annotations: template?.annotations, kind: 'Pod', path: `${TEMPLATE}.annotations` }),
    ...(WORKLOADS.has(kind) ? strayLabel(object, { ...template?.labels, ...template?.annotations }) : []),
  ];
}

interface Place {
  readonly annotations?: Texts;
  readonly kind: AnnotatedKind;
  readonly path: string;
}

function checkAnnotations(object: Resource, { annotations = {}, kind, path }: Place): Problem[] {
  return Object.keys(annotations).filter((name) => DOMAINS.has(domainOf(name))).flatMap((name) => {
    const kinds = KNOWN_ANNOTATIONS.get(name);
    if (!kinds) return [about(object, `${path}["${name}"]`, `Istio has no such annotation, so it means nothing${hint(name)}`)];
    if (kinds.includes(kind) && Object.hasOwn(UNSUPPORTED_ANNOTATIONS, name)) return [about(object, `${path}["${name}"]`, `is not handled: ${UNSUPPORTED_ANNOTATIONS[name]}`)];
    if (kinds.includes('Any') || kinds.includes(kind)) return [];
    const where = kinds.includes('Pod') && WORKLOADS.has(object.kind) ? `move it to ${TEMPLATE}.annotations` : 'write it there';
    return [about(object, `${path}["${name}"]`, `means nothing here: Istio looks at it on ${kinds.map(plural).join(' and ')} only; ${where}`)];
  });
}

/** The injector sees pods only. */
function strayLabel(object: Resource, ofPods: Texts): Problem[] {
  return object.metadata.labels?.[INJECT] === undefined || Object.hasOwn(ofPods, INJECT) ? []
    : [about(object, `metadata.labels["${INJECT}"]`, `means nothing here: Istio looks at it on Pods only; move it to ${TEMPLATE}.labels`)];
}

/** The one that differs in case or dashes only. */
function hint(name: string): string {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, '');
  const meant = [...KNOWN_ANNOTATIONS.keys()].find((known) => plain(known) === plain(name));
  return meant ? `: write ${meant}` : ': correct its name, or remove it';
}

function about({ kind, metadata: { namespace, name } }: Resource, path: string, message: string): Problem {
  return { resource: { kind, namespace, name }, path, message, severity: 'warning' };
}

function plural(kind: string): string {
  return kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : kind.endsWith('s') ? `${kind}es` : `${kind}s`;
}

function domainOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

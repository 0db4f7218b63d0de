import { isDeepStrictEqual } from 'node:util';
import { decodeGatewayApi, GATEWAY_API } from '../gateway-api';
import { closedPolicy, decodeIstio } from '../istio';
import { checkKubernetes, checkMetadata, isIdle, KUBERNETES_KINDS, MANAGED_BY_LABEL, SLICE_CONTROLLER, withoutNulls } from '../kubernetes';
import { isRecord } from '../model/parsed-value';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { refOf } from '../model/resource';
import { groupKind } from '../model/snapshot';
import { identity, OPERATOR } from './object';
import type { Origin, SourceObject } from './object';

/** An object that came, changed or went. */
export interface Change {
  readonly before?: Resource;
  readonly after?: Resource;
}

interface Entry {
  readonly given: Resource;
  readonly accepted?: Resource;
  /** Nothing of it could be read yet: what was accepted lets nobody in. */
  readonly closed?: boolean;
  readonly origin?: Origin;
  readonly problems: readonly Problem[];
}

interface Checked {
  readonly accepted?: Resource;
  readonly problems: readonly Problem[];
}

const ISTIO_GROUPS: ReadonlySet<string> = new Set(['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io']);
const CONTROLLED: ReadonlySet<string> = new Set(['/Pod', 'apps/ReplicaSet', 'discovery.k8s.io/EndpointSlice']);
const NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The door of the cluster: what the API server would take comes in; of what it would refuse, the version before stays. */
export class Intake {
  private readonly entries = new Map<string, Entry>();
  private readonly unread = new Map<string, string>();

  /** Makes these the only objects. */
  public replace(objects: readonly SourceObject[]): Change[] {
    const wanted = new Set(objects.map(({ resource }) => identity(resource)));
    const gone = [...this.entries].filter(([key]) => !wanted.has(key));
    for (const key of this.unread.keys()) if (!wanted.has(key)) this.unread.delete(key);
    for (const [key] of gone) this.entries.delete(key);
    return [...gone.flatMap(([, { accepted }]) => (accepted ? [{ before: accepted }] : [])), ...this.apply(objects)];
  }

  /** Adds and replaces objects. */
  public apply(objects: readonly SourceObject[]): Change[] {
    return objects.flatMap((object) => this.take(object));
  }

  public originOf(resource: Resource): Origin | undefined {
    return this.entries.get(identity(resource))?.origin;
  }

  /** Whether an object of that identity came in. */
  public has(key: string): boolean {
    return this.entries.get(key)?.accepted !== undefined;
  }

  public problems(): Problem[] {
    return [...this.entries.values()].flatMap(({ problems }) => problems);
  }

  /** Kinds that were found and that nobody reads here, as `apiVersion Kind`: those that somebody may miss. */
  public ignored(): string[] {
    return [...new Set(this.unread.values())].sort();
  }

  private take({ resource, origin }: SourceObject): Change[] {
    const key = identity(resource);
    const entry = this.entries.get(key);
    if (entry && (entry.given === resource || isDeepStrictEqual(entry.given, resource))) {
      if (entry.origin !== origin) this.entries.set(key, { ...entry, origin });
      return [];
    }
    const checked = check(resource);
    if (!checked) {
      if (!isControlled(resource) && !isIdle(groupKind(resource.apiVersion, resource.kind))) this.unread.set(key, `${resource.apiVersion} ${resource.kind}`);
      return [];
    }
    const closed = checked.accepted || (entry?.accepted && !entry.closed) ? undefined : closedPolicy(resource);
    const accepted = checked.accepted ?? closed?.resource ?? entry?.accepted;
    const problems = closed ? [...checked.problems, { resource: refOf(resource), path: 'spec', message: closed.message }] : checked.problems;
    this.entries.set(key, { given: resource, origin, problems, ...(accepted ? { accepted } : {}), ...(closed && { closed: true }) });
    return accepted === entry?.accepted ? [] : [{ before: entry?.accepted, after: accepted }];
  }
}

/** Undefined for objects that we do not read. */
function check(resource: Resource): Checked | undefined {
  const kind = groupKind(resource.apiVersion, resource.kind);
  if (kind === `install.istio.io/${OPERATOR}`) return { problems: [operatorProblem(resource)] };
  const decode = decoderOf(resource);
  if (!decode && (!KUBERNETES_KINDS.has(kind) || isControlled(resource))) return undefined;
  const name = nameProblem(resource);
  if (name) return { problems: [name] };
  if (decode) {
    const wrong = checkMetadata(resource);
    if (wrong) return { problems: [{ resource: refOf(resource), ...wrong }] };
    const metadata = withoutNulls(resource.metadata);
    const { resource: accepted, problems } = decode(metadata === resource.metadata ? resource : { ...resource, metadata });
    return accepted ? { accepted, problems } : { problems };
  }
  const misfit = checkKubernetes(kind, resource);
  return misfit ? { problems: [{ resource: refOf(resource), ...misfit }] } : { accepted: withoutNulls(resource), problems: [] };
}

/** For objects with a CustomResourceDefinition. */
function decoderOf({ apiVersion }: Resource): typeof decodeIstio | undefined {
  const [group] = apiVersion.split('/');
  return ISTIO_GROUPS.has(group) ? decodeIstio : group === GATEWAY_API ? decodeGatewayApi : undefined;
}

function operatorProblem(resource: Resource): Problem {
  const message = 'is not read: nothing needs to be installed here, and the gateways of the demo profile stand where they are selected; '
    + 'write its meshConfig as the text `mesh` of the ConfigMap istio in istio-system, and other gateways as Deployments';
  return { resource: refOf(resource), path: '', message, severity: 'warning' };
}

function nameProblem(resource: Resource): Problem | undefined {
  const { name, namespace } = resource.metadata;
  const label = ['Service', 'Namespace'].includes(resource.kind);
  const problem = (path: string, got: string, rule: string): Problem => ({
    resource: refOf(resource), path, message: `expected ${rule}: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "${got}"`,
  });
  if (!(label ? LABEL : NAME).test(name)) return problem('metadata.name', name, label ? 'a DNS label' : 'a DNS name');
  return namespace === '' || LABEL.test(namespace) ? undefined : problem('metadata.namespace', namespace, 'a DNS label');
}

/** Objects that a controller wrote, as in the dump of a cluster: we do the controllers' work ourselves. */
function isControlled(resource: Resource): boolean {
  if (!CONTROLLED.has(groupKind(resource.apiVersion, resource.kind))) return false;
  const { ownerReferences, labels } = resource.metadata as { ownerReferences?: unknown; labels?: Record<string, string> };
  if (labels?.[MANAGED_BY_LABEL] === SLICE_CONTROLLER) return true;
  return Array.isArray(ownerReferences) && ownerReferences.some((owner: unknown) => isRecord(owner) && owner.controller === true);
}

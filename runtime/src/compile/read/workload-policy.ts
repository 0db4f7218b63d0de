import type { Attachments } from '../../model/attachment';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import type { PolicyKind, PolicyTarget, WorkloadPolicy } from '../../model/workload-policy';
import { POLICY_KINDS } from '../../model/workload-policy';
import { byAge } from '../../model/service';
import { resourcesOf } from '../../model/snapshot';
import type { Snapshot } from '../../model/snapshot';
import type { PolicySpecs } from '../../features/reader';
import { InputCache } from '../cache';
import type { Reading } from './kind';
import { KindReader } from './kind';
import { readWithRooms } from './rooms';

/** What the three kinds have in common. */
interface Selection {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly targetRef?: TargetRef;
  readonly targetRefs?: readonly TargetRef[];
}

interface TargetRef {
  readonly group?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Reads all policies of workloads. As long as none of them changes, the list is the same. */
export class WorkloadPoliciesReader {
  private readonly readers = POLICY_KINDS.map((kind) => ({ kind, reader: new KindReader((resource, place) => [readPolicy(kind, resource, place)], byAge) }));
  private readonly joined = new InputCache<Reading<WorkloadPolicy>>(2);

  public read(snapshot: Snapshot): Reading<WorkloadPolicy> {
    const readings = this.readers.map(({ kind, reader }) => reader.read(resourcesOf(snapshot, `security.istio.io/${kind}`)));
    return this.joined.get('', readings, () => ({
      values: readings.flatMap((one): readonly WorkloadPolicy[] => one.values),
      problems: readings.flatMap((one) => one.problems),
    }));
  }
}

function readPolicy(kind: PolicyKind, resource: Resource, place: Place): WorkloadPolicy {
  const { selector, targetRef, targetRefs } = (resource.spec ?? {}) as Selection;
  const { namespace, creationTimestamp } = resource.metadata;
  const refs = targetRefs?.length ? targetRefs : targetRef ? [targetRef] : [];
  return {
    kind,
    resource: refOf(resource),
    namespace,
    ...(selector && { selector: selector.matchLabels ?? {} }),
    targets: refs.map((ref) => readTarget(ref, namespace)),
    features: readFeatures(kind, resource, place),
    created: creationTimestamp ?? '',
  };
}

function readFeatures<K extends PolicyKind>(kind: K, resource: Resource, place: Place): Attachments {
  return readWithRooms((room) => room.policies?.[kind]?.((resource.spec ?? {}) as PolicySpecs[K], place.at('spec'), resource.metadata));
}

function readTarget({ group = '', kind, name, namespace }: TargetRef, own: string): PolicyTarget {
  return { group: group === 'core' ? '' : group, kind, name, namespace: namespace || own };
}

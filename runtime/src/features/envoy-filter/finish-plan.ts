import type { Any, MergeOptions, MessageName, MessageOf } from '../../envoy';
import { mergeAny, mergeMessages } from '../../envoy';
import type { Problem } from '../../model/problem';
import type { Side } from '../../model/proxy';
import type { Operation, Patch, Subject } from './model';
import type { TypedPatch } from './finish-value';
import { typed } from './finish-value';
import { undecidedOrder } from './finish-order';

export function isMerge(operation: Operation): boolean {
  return operation === 'MERGE' || operation === 'MERGE_AND_REPLACE_LIST';
}

/** The patches for some proxies, ready to be made. */
export class PatchPlan {
  public readonly problems: readonly Problem[];
  private readonly patches: readonly TypedPatch[];

  public constructor(patches: readonly Patch[]) {
    const problems: Problem[] = [];
    this.patches = patches.flatMap((patch) => typed(patch, problems) ?? []);
    this.problems = [...problems, ...undecidedOrder(patches)];
  }

  /** Those of one subject that are for a side, in order. */
  public of<S extends Subject>(subject: S, side: Side): readonly TypedPatch<S>[] {
    return this.patches.filter((patch): patch is TypedPatch<S> => patch.subject === subject && (patch.side === undefined || patch.side === side));
  }

  /** Whether some patch is about one of these. */
  public touches(...subjects: readonly Subject[]): boolean {
    return this.patches.some((patch) => subjects.includes(patch.subject));
  }
}

function optionsOf({ operation }: TypedPatch): MergeOptions {
  return { lists: operation === 'MERGE_AND_REPLACE_LIST' ? 'replace' : 'append' };
}

/** The message with the patch's value merged in. */
export function merged<N extends MessageName>(into: MessageOf<N>, patch: TypedPatch & { readonly message: N; readonly value: MessageOf<N> }): MessageOf<N> {
  return mergeMessages(patch.message, into, patch.value, optionsOf(patch));
}

interface Named {
  readonly name?: string;
  readonly typedConfig?: Any;
}

/**
 * A filter or a transport socket with the patch's merged in: what their `Any` holds is merged too, if it is of one type, for otherwise all of
 * it would have to be written again. One without a configuration stays as it is, as in Istio.
 */
export function mergedExtension<T extends Named>(into: T, from: Named, patch: TypedPatch): T {
  if (!into.typedConfig) {
    return into;
  }
  const name = from.name || into.name;
  const same = from.typedConfig?.typeUrl === into.typedConfig.typeUrl;
  return { ...into, name, ...(from.typedConfig && same && { typedConfig: mergeAny(into.typedConfig, from.typedConfig, optionsOf(patch)) }) };
}

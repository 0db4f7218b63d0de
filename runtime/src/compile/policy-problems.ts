import type { PolicyContext } from '../features/emitter';
import type { Problem } from '../model/problem';
import { emittersWith } from './emit/rooms';

const DOUBTING = emittersWith('doubts');

/** What cannot be meant of the policies of a workload, taken together and seen with its ports. */
export function policyProblems(context: PolicyContext): readonly Problem[] {
  return context.policies.length === 0 ? [] : DOUBTING.flatMap((emitter) => emitter.doubts(context));
}

import type { Place } from '../model/place';
import type { Metadata } from '../model/resource';

const ANNOTATION = 'istio.io/dry-run';
/** What Go takes for a truth, as istiod reads it. */
const TRUE: readonly string[] = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE: readonly string[] = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** Whether a policy is only tried; one that cannot be read is in force. `place` is the `spec`. */
export function readDryRun({ annotations, ...object }: Metadata, place: Place): boolean {
  const text = annotations?.[ANNOTATION];
  if (text !== undefined && !TRUE.includes(text) && !FALSE.includes(text)) {
    place.problem(`annotation ${ANNOTATION} of ${object.name} is '${text}', expected "true" or "false": the policy is in force`);
  }
  return text !== undefined && TRUE.includes(text);
}

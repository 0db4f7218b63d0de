import { checkResource } from '../../imports/checks';
import type { Violation } from '../../imports/checks';
import type { Answer, ApiServer } from './api-server';
import type { Candidate } from './candidates';
import type { Kinds } from './definitions';

/** What we and the server say of one object. */
export interface Verdict {
  readonly candidate: Candidate;
  readonly violations: readonly Violation[];
  readonly refused: boolean;
  readonly serverRefuses: boolean;
  /** In the server's words, with the path of the field. */
  readonly reasons: readonly string[];
  readonly agrees: boolean;
}

/** Asks the server what it would do, and our checks; undefined for kinds that have no definition here. */
export async function ask(server: ApiServer, kinds: Kinds, candidate: Candidate): Promise<Verdict | undefined> {
  const { apiVersion, kind } = candidate.object;
  const path = kinds.pathOf(apiVersion, kind);
  if (!path) {
    return undefined;
  }
  const violations = checkResource(candidate.object);
  const answer = await server.post(`${path}?dryRun=All&fieldValidation=Warn`, { ...candidate.object, metadata: { name: 'candidate' } });
  if (answer.status !== 201 && answer.status !== 422 && answer.status !== 400) {
    throw new Error(`the server answers ${answer.status} to ${path}: ${String(answer.body.message)}`);
  }
  const refused = violations.some(({ rule }) => rule !== 'unknown-field');
  const serverRefuses = answer.status !== 201;
  const unknown = violations.some(({ rule }) => rule === 'unknown-field');
  // A server that refuses an object does not always say which fields it would have dropped.
  const agrees = refused === serverRefuses && (serverRefuses || unknown === answer.warnings.some((warning) => warning.includes('unknown field')));
  return { candidate, violations, refused, serverRefuses, reasons: reasonsOf(answer), agrees };
}

function reasonsOf({ body, warnings }: Answer): string[] {
  const { causes = [] } = (body.details ?? {}) as { causes?: readonly { readonly field?: string; readonly message?: string }[] };
  const found = causes.map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`);
  return [...warnings, ...(found.length > 0 ? found : body.kind === 'Status' ? [String(body.message)] : [])];
}

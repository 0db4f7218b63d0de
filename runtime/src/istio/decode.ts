import { checkResource, schemaOf, withoutNulls } from '../../../imports/checks';
import { didYouMean } from '../../../imports/checks/spelling';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { groupKind } from '../model/snapshot';
import { ISTIO_KINDS, SERVED_VERSIONS } from './kinds';

/** An object of Istio after the checks of its CustomResourceDefinition. */
export interface Decoded {
  /** The object in the version that the runtime reads; undefined where the API server would refuse it. */
  readonly resource: Resource | undefined;
  readonly problems: readonly Problem[];
}

/**
 * What the Kubernetes API server would make of an object of Istio: older versions are read as the current one, a field that nobody knows is
 * a problem but does no harm, everything else that is wrong refuses the object.
 */
export function decodeIstio(given: Resource): Decoded {
  const { kind, metadata: { namespace, name } } = given;
  const problem = (path: string, message: string): Problem => ({ resource: { kind, namespace, name }, path, message });
  const [group, version] = given.apiVersion.split('/');
  const current = ISTIO_KINDS.get(groupKind(given.apiVersion, kind));
  if (!current || !SERVED_VERSIONS.has(version)) {
    return { resource: undefined, problems: [current ? problem('apiVersion', `there is no ${kind} in ${given.apiVersion}: use ${group}/${current}`) : unknownKind(given.apiVersion, kind, problem)] };
  }
  const apiVersion = `${group}/${current}`;
  // Most definitions let an object without a specification pass: it is read as an empty one, as by Istio.
  const resource = given.apiVersion === apiVersion && given.spec !== undefined ? given : { ...given, apiVersion, spec: given.spec === undefined ? {} : given.spec };
  const violations = checkResource(resource);
  const refused = violations.some(({ rule }) => rule !== 'unknown-field');
  const read = withoutNulls(resource, schemaOf(groupKind(apiVersion, kind))!) as Resource;
  return { resource: refused ? undefined : read, problems: violations.map(({ path, message }) => problem(path, message)) };
}

/** The kind may be one of another group, or misspelt. */
function unknownKind(apiVersion: string, kind: string, problem: (path: string, message: string) => Problem): Problem {
  const [group] = apiVersion.split('/');
  const known = [...ISTIO_KINDS].map(([name, version]) => ({ group: name.split('/')[0]!, kind: name.split('/')[1]!, version }));
  const elsewhere = known.find((one) => one.kind === kind);
  if (elsewhere) return problem('apiVersion', `there is no ${kind} in ${group}: use ${elsewhere.group}/${elsewhere.version}`);
  const kinds = known.filter((one) => one.group === group).map((one) => one.kind);
  return problem('kind', `there is no ${kind} in ${group}${didYouMean(kind, kinds) || `; it has ${kinds.join(', ')}`}`);
}

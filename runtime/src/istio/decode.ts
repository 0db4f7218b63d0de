import { checkResource, schemaOf, withoutNulls } from '../../../imports/checks';
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
    return { resource: undefined, problems: [problem('apiVersion', `there is no ${kind} in ${given.apiVersion}: use ${group}/${current ?? 'v1'}`)] };
  }
  const apiVersion = `${group}/${current}`;
  // Most definitions let an object without a specification pass: it is read as an empty one, as by Istio.
  const resource = given.apiVersion === apiVersion && given.spec !== undefined ? given : { ...given, apiVersion, spec: given.spec === undefined ? {} : given.spec };
  const violations = checkResource(resource);
  const refused = violations.some(({ rule }) => rule !== 'unknown-field');
  const read = withoutNulls(resource, schemaOf(groupKind(apiVersion, kind))!) as Resource;
  return { resource: refused ? undefined : read, problems: violations.map(({ path, message }) => problem(path, message)) };
}

import { checkResource, schemaOf, withoutNulls } from '../../../imports/checks';
import { didYouMean } from '../../../imports/checks/spelling';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { groupKind } from '../model/snapshot';
import { GATEWAY_API, GATEWAY_API_KINDS, GATEWAY_API_VERSIONS } from './kinds';

/** An object of the Gateway API after the checks of its CustomResourceDefinition. */
export interface Decoded {
  /** The object in the version that the runtime reads; undefined where the API server would refuse it. */
  readonly resource: Resource | undefined;
  readonly problems: readonly Problem[];
}

/** What the Kubernetes API server, holding the pinned definitions (standard channel), would make of an object of the Gateway API. */
export function decodeGatewayApi(given: Resource): Decoded {
  const { kind, metadata: { namespace, name } } = given;
  const problem = (path: string, message: string): Problem => ({ resource: { kind, namespace, name }, path, message });
  const current = GATEWAY_API_KINDS.get(groupKind(given.apiVersion, kind));
  if (!current || !GATEWAY_API_VERSIONS.has(given.apiVersion.split('/')[1])) {
    const kinds = [...GATEWAY_API_KINDS.keys()].map((key) => key.split('/')[1]!);
    const wrong = current ? problem('apiVersion', `there is no ${kind} in ${given.apiVersion}: use ${GATEWAY_API}/${current}`)
      : problem('kind', `there is no ${kind} in ${GATEWAY_API}${didYouMean(kind, kinds) || `; it has ${kinds.join(', ')}`}`);
    return { resource: undefined, problems: [wrong] };
  }
  const apiVersion = `${GATEWAY_API}/${current}`;
  const resource = given.apiVersion === apiVersion ? given : { ...given, apiVersion };
  const violations = checkResource(resource);
  const refused = violations.some(({ rule }) => rule !== 'unknown-field');
  const read = withoutNulls(resource, schemaOf(groupKind(apiVersion, kind))!) as Resource;
  return { resource: refused ? undefined : read, problems: violations.map(({ path, message }) => problem(path, message)) };
}

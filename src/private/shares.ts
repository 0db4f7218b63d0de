import type { IConstruct } from 'constructs';
import type { VirtualServiceDestination } from '../../imports/istio/virtual-service.types';
import { MeshError } from '../mesh-error';
import type { Destination, HeaderChanges, RouteRule, WeightedShare } from '../route-rule';
import { checkReference } from './callers';
import { hostsOf, type VersionInfo } from './host';
import { defined } from './merge';
import { checkHeaderChanges } from './option-checks';
import { headerChanges, type Share } from './route-action';

/** `v1`, `{ v1: 20, v2: 80 }`, or a list of destinations, as shares; weights must add up to 100. */
export function sharesOf(to: RouteRule<string>['to'], construct: IConstruct): Share[] {
  if (to === undefined) {
    return [{}];
  }
  if (typeof to === 'string') {
    return [{ version: to }];
  }
  const shares = Array.isArray(to)
    ? (to as readonly Destination[]).map((destination, index) => destinationShare(destination, `to[${index}]`, construct))
    : Object.entries(to).flatMap(([version, share]) => (share === undefined ? [] : [versionShare(version, share, construct)]));
  if (shares.length !== 1 || shares[0].weight !== undefined || !Array.isArray(to)) {
    checkWeights(shares, construct);
  }
  return shares;
}

function versionShare(version: string, share: number | WeightedShare, construct: IConstruct): Share {
  const { weight, changeHeaders } = typeof share === 'object' ? share : { weight: share, changeHeaders: undefined };
  return defined({ version, weight, headers: changedHeaders(changeHeaders, construct) });
}

/** A share for another service, or for a version of one. */
export function destinationShare(given: Destination, name: string, construct: IConstruct): Share {
  const { weight, changeHeaders } = given;
  return defined({ weight, destination: destinationOf(given, name, construct), headers: changedHeaders(changeHeaders, construct) });
}

function destinationOf({ service: given, port }: Destination, name: string, construct: IConstruct): VirtualServiceDestination {
  checkReference(given, name, construct);
  const { service, version } = 'service' in given ? given : { service: given, version: undefined };
  const [rules] = hostsOf(service);
  rules.checkVersion(version, construct);
  const { ports } = rules.props;
  if (port !== undefined && !ports.some((known) => known.port.number === port)) {
    throw new MeshError({
      construct, code: 'invalid-value', problem: `${service.node.id} has no port ${port}; it has ${ports.map((known) => known.port.number).join(', ')}`, fix: 'choose one of its ports',
    });
  }
  return rules.destination(version, port ?? (ports.length > 1 ? ports[0].port.number : undefined));
}

function changedHeaders(changes: HeaderChanges | undefined, construct: IConstruct) {
  if (changes === undefined) {
    return undefined;
  }
  checkHeaderChanges(changes, construct);
  return headerChanges(changes);
}

function checkWeights(shares: readonly Share[], construct: IConstruct): void {
  const list = (): string => shares.map((share) => `${nameOf(share)} ${share.weight}`).join(', ');
  const wrong = shares.find(({ weight }) => weight === undefined || !Number.isInteger(weight) || weight < 0 || weight > 100);
  if (wrong !== undefined) {
    throw new MeshError({
      construct,
      code: 'invalid-weights',
      problem: `weights must be whole percentages from 0 to 100, got ${list()}`,
      fix: `change the weight of ${nameOf(wrong)}`,
    });
  }
  const sum = shares.reduce((total, { weight }) => total + weight!, 0);
  if (sum !== 100) {
    throw new MeshError({
      construct,
      code: 'invalid-weights',
      problem: `weights must add up to 100, got ${sum} (${list()})`,
      fix: `change the weights of ${shares.map(nameOf).join(' and ') || 'its versions'} so that they do`,
    });
  }
}

function nameOf({ version, destination }: Share): string {
  return destination === undefined ? version ?? 'every version' : [destination.subset, destination.host.split('.')[0]].filter(Boolean).join(' of ');
}

/** Every version by the number of its pods, as Kubernetes would spread requests; the largest remainders get what is left to 100. */
export function defaultShares(versions: readonly VersionInfo[]): Share[] {
  if (versions.length === 1) {
    return [{ version: versions[0].name }];
  }
  const total = versions.reduce((sum, { replicas }) => sum + replicas, 0);
  const exact = versions.map(({ replicas }) => (total === 0 ? 100 / versions.length : 100 * replicas / total));
  const weights = exact.map(Math.floor);
  const rest = 100 - weights.reduce((sum, weight) => sum + weight, 0);
  const byRemainder = exact.map((value, index) => ({ index, remainder: value - weights[index] })).sort((a, b) => b.remainder - a.remainder);
  for (const { index } of byRemainder.slice(0, rest)) {
    weights[index] += 1;
  }
  return versions.map(({ name }, index) => ({ version: name, weight: weights[index] }));
}

/** For people: `to v2`, `to v1 90 and v3 10`. */
export function describeShares(shares: readonly Share[]): string {
  const parts = shares.map((share) => [nameOf(share), share.weight].filter((part) => part !== undefined).join(' '));
  return `to ${parts.join(' and ')}`;
}
